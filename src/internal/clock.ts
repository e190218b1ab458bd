/** Time as channels and their clients see it; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls back once after `ms`; the returned function cancels it. */
  after(ms: number, callback: () => void): () => void
  /** A number from 0 up to 1, for jitter. */
  random(): number
}

/** The real time. Its timers do not keep the process running. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer: { unref?: () => void } | number = setTimeout(callback, ms)
    if (typeof timer === 'object') timer.unref?.()
    return () => clearTimeout(timer as never) // Whatever the platform's timers are.
  },
  random: () => Math.random(),
}
