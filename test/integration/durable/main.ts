/**
 * What survives: `npm run durable`, or with fewer clients and faults, `DURABLE_CLIENTS=40 DURABLE_TIMES=5 npm run durable`.
 *
 * Prints a table; ends with 1 when a promise was broken. `DURABLE_FAULTS=kill,stop` chooses faults, `DURABLE_BROKER=sqlite-full`
 * another setting, `DURABLE_SEED` another schedule.
 */
import { FAULTS } from './faults.ts'
import { renderReports } from './render-reports.ts'
import { findBroken, runFault, type FaultReport } from './run-fault.ts'

const PER_SECOND = 5
const IN_ROOM = 20

const clients = Number(process.env['DURABLE_CLIENTS'] ?? 200)
const times = Number(process.env['DURABLE_TIMES'] ?? 20)
const seed = Number(process.env['DURABLE_SEED'] ?? Date.now())
const kind = process.env['DURABLE_BROKER'] ?? 'sqlite'
const names = process.env['DURABLE_FAULTS']?.split(',')

if (!(clients > 0) || clients % IN_ROOM !== 0)
  throw new TypeError(`DURABLE_CLIENTS: a multiple of ${IN_ROOM} was expected`)
const rooms = clients / IN_ROOM
const options = {
  clients,
  rooms,
  times,
  seed,
  perSecond: PER_SECOND,
  broker: (file: string) => `${kind}:${file}`,
}
console.log(
  `${clients} clients in ${rooms} rooms, each publishes ${PER_SECOND} messages/s of about 200 B and gets all of its room; broker ${kind}; seed ${seed}`,
)
const reports: FaultReport[] = []
for (const fault of FAULTS) {
  if (names !== undefined && !names.includes(fault.name)) continue
  const report = await runFault(fault, options)
  if (typeof report === 'string') {
    console.log(`Left out: ${fault.title}: ${report}`)
    continue
  }
  reports.push(report)
  // All so far: a run takes minutes, and may be ended.
  console.log(`\n${renderReports(reports)}\n`)
}
for (const report of reports) {
  const broken = findBroken(report)
  for (const sentence of broken) console.error(`BROKEN: ${sentence}`)
  if (broken.length === 0) continue
  console.error(`The server wrote:\n${report.output}`)
  process.exitCode = 1
}
