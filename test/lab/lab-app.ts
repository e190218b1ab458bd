import { GoWeb, isGoWebError, type RealtimeLimits } from 'goweb'

/** Channels of the lab's app, each of another kind. */
export const CHANNELS = ['long/a', 'long/b', 'short/a', 'live/a'] as const

/** What the lab's apps did, in whatever process. */
export class LabAppRecord {
  /** How often each call ran. */
  readonly calls = new Map<string, number>()
  readonly reports: unknown[] = []

  report = (error: unknown): void => {
    // What the lab itself breaks is no news.
    if (!isGoWebError(error) || !/UNAVAILABLE/.test(error.code)) this.reports.push(error)
  }
}

/** An app with open channels of each kind and a call that counts. */
export function createLabApp({ calls, report }: LabAppRecord, limits: RealtimeLimits): GoWeb {
  const app = new GoWeb({ report, channels: { limits } })
  const open = { public: true, presence: true, idempotencyWindow: '1m' } as const
  app
    .channel('long/{name}', { ...open, delivery: 'replay', history: { size: 1_000, ttl: '10m' } })
    // So short that an absence loses something.
    .channel('short/{name}', { ...open, delivery: 'replay', history: { size: 6, ttl: '10m' } })
    .channel('live/{name}', { ...open, delivery: 'live' })
    .call('count', {}, (_c, id) => {
      calls.set(id as string, (calls.get(id as string) ?? 0) + 1)
      return id
    })
  return app
}
