import { Worker } from 'node:worker_threads'
import type { memoryBroker } from 'goweb/brokers/memory'

type Broker = ReturnType<typeof memoryBroker>
type BrokerListener = Parameters<Broker['connect']>[0]
type BrokerNode = Awaited<ReturnType<Broker['connect']>>

/** What is asked for in one turn of the event loop: for each, its number, the method of the node and the arguments. */
export type Asked = readonly (readonly [id: number, method: string, args: readonly unknown[]])[]

/** What the thread has to say in one turn of its own. */
export interface Told {
  readonly heard: readonly (readonly [method: string, args: readonly unknown[]])[]
  readonly answers: readonly (readonly [id: number, error: string | undefined, value: unknown])[]
}

/** A broker in a thread of its own, to compare: one message each way for all of a turn. */
export function brokerInThread(name: string): Broker {
  return { connect: (listener) => connect(name, listener) }
}

async function connect(name: string, listener: BrokerListener): Promise<BrokerNode> {
  const worker = new Worker(new URL('broker-thread.ts', import.meta.url), { workerData: name })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let asked: Asked[number][] = []
  let count = 0
  worker.on('message', ({ heard, answers }: Told) => {
    for (const [method, args] of heard) {
      const hear = listener[method as keyof BrokerListener] as (...args: readonly unknown[]) => void
      hear.apply(listener, args as unknown[])
    }
    for (const [id, error, value] of answers) {
      const promise = waiting.get(id)
      waiting.delete(id)
      if (error === undefined) promise?.resolve(value)
      else promise?.reject(new Error(error))
    }
  })
  const ask = (method: string, args: readonly unknown[]): Promise<never> => {
    const promise = Promise.withResolvers<unknown>()
    waiting.set(++count, promise)
    if (asked.length === 0) {
      setImmediate(() => {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
        worker.postMessage(asked)
        asked = []
      })
    }
    asked.push([count, method, args])
    return promise.promise as Promise<never>
  }
  const methods = [
    'subscribe',
    'unsubscribe',
    'publish',
    'signal',
    'broadcast',
    'history',
    'snapshot',
    'remove',
    'setPresence',
    'removePresence',
    'presence',
  ]
  const node = Object.fromEntries(
    methods.map((method) => [method, (...args: readonly unknown[]) => ask(method, args)]),
  )
  const close = async (): Promise<void> => {
    await ask('close', [])
    await worker.terminate()
  }
  return { ...node, close } as never // Its methods are those above.
}
