export {
  DeliveryChecker,
  type CheckedLab,
  type DeliveryCheckerOptions,
  type PublishCounts,
} from './testing/delivery-checker.ts'
export { DeliveryWatch, type WatchedSubscription } from './testing/delivery-watch.ts'
export { FaultLab, type FaultLabOptions } from './testing/fault-lab.ts'
export { LatestWatch, type WatchedValues } from './testing/latest-watch.ts'
export type { LabLink, ReplyFaults } from './testing/lab-link.ts'
export type { LinkConditions } from './testing/lab-pipe.ts'
export type { LabServer } from './testing/lab-server.ts'
export {
  planSchedule,
  runSchedule,
  shrinkSchedule,
  type ScheduleAction,
  type ScheduleOptions,
  type ScheduleResult,
  type ScheduleStep,
  type ScheduleWorld,
} from './testing/schedule.ts'
export { SeededRandom } from './testing/seeded-random.ts'
export { VirtualClock } from './testing/virtual-clock.ts'
export type { Violation, ViolationKind } from './testing/violation.ts'
