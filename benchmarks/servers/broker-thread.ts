// The thread of `broker-in-thread.ts`.
import { parentPort, workerData } from 'node:worker_threads'
import type { Asked, Told } from './broker-in-thread.ts'
import { brokerFromName } from './broker-from-name.ts'

let heard: Told['heard'][number][] = []
let answers: Told['answers'][number][] = []

/** All that comes of one transaction goes in one message. */
function soon(): void {
  if (heard.length + answers.length > 1) return
  setImmediate(() => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    parentPort?.postMessage({ heard, answers } satisfies Told)
    heard = []
    answers = []
  })
}

function hear(method: string): (...args: readonly unknown[]) => void {
  return (...args) => {
    heard.push([method, args])
    soon()
  }
}

const broker = await brokerFromName(workerData as string)
const node = await broker.connect({
  onPublication: hear('onPublication'),
  onSignal: hear('onSignal'),
  onBroadcast: hear('onBroadcast'),
  onGap: hear('onGap'),
})
parentPort?.on('message', (asked: Asked) => {
  for (const [id, method, args] of asked) {
    const act = node[method as keyof typeof node] as (...args: readonly unknown[]) => unknown
    const answer = (error: string | undefined, value: unknown): void => {
      answers.push([id, error, value])
      soon()
    }
    void (async () => act.apply(node, args as unknown[]))().then(
      (value) => answer(undefined, value),
      (error: unknown) => answer(String(error), undefined),
    )
  }
})
