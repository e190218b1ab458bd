import type { Runtime } from '../scripts/testing/suites.ts'

/**
 * Why a test is skipped, when it runs on a runtime where it has to be; otherwise false.
 *
 * `test(name, { skip: skipOn('bun', 'reason') }, …)`. Runtime and reason are written out where it is called:
 * `docs/runtimes.md` is made from them.
 */
export function skipOn(runtime: Runtime, reason: string): string | false {
  return runtime === currentRuntime() && reason
}

/** The runtime that runs this test. */
function currentRuntime(): Runtime {
  if (process.versions['bun'] !== undefined) return 'bun'
  return process.version.startsWith('v22.') ? 'node22' : 'node26'
}
