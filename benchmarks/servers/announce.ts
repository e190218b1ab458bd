import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Tells the benchmark that the server listens, and collects garbage when the benchmark asks for it. */
export function announce(port: number): void {
  process.on('SIGUSR2', findCollector())
  console.log(`listening on ${port}`)
}

function findCollector(): () => void {
  if (globalThis.Bun !== undefined) return () => Bun.gc(true)
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  return () => collect()
}
