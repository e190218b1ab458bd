import type { BenchClient } from './client-driver.ts'

/** So many connections are opened at a time: not a storm of its own. */
const AT_ONCE = 100
const TIMEOUT_MS = 60_000

/**
 * Opens clients, and resolves when all of them are subscribed.
 *
 * @param open opens one, and sees to it that `onReady` is called whenever it is subscribed.
 */
export async function openAll(
  count: number,
  open: (onReady: () => void, index: number) => BenchClient,
): Promise<BenchClient[]> {
  const clients: BenchClient[] = []
  while (clients.length < count) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - clients.length) }, () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      clients.push(open(resolve, clients.length))
      return promise
    })
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<never>((_resolve, reject) => {
      const error = new Error(`Of ${count} clients, not even ${clients.length} could subscribe`)
      timer = setTimeout(() => reject(error), TIMEOUT_MS)
    })
    await Promise.race([Promise.all(some), timeout])
    clearTimeout(timer)
  }
  return clients
}
