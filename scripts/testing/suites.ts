/** A runtime that the tests run on. */
export type Runtime = 'node26' | 'node22' | 'bun'

/** Every runtime, in the order in which results are told. */
export const RUNTIMES: readonly Runtime[] = ['node26', 'node22', 'bun']

/** One folder of `test/` and how its files run. */
export interface Suite {
  readonly runtimes: readonly Runtime[]
  /** Files that measure memory, or use browsers or compilers, run one after the other, with nothing beside them. */
  readonly isSerial: boolean
  /** A file that takes longer has failed; a file asks for more with `// time-out: N s` in its first lines. */
  readonly timeoutSeconds: number
  /** Needs what `scripts/setup.ts` installs from the system's packages. */
  readonly needsSystem: boolean
}

const everywhere = { runtimes: RUNTIMES, isSerial: false, timeoutSeconds: 120, needsSystem: false }

/**
 * The suites of `test/`, by folder. Every test file belongs to one: a folder that is not listed is an error.
 *
 * A file leaves a runtime out with `// not on RUNTIME: reason` in its first lines.
 */
export const SUITES: Readonly<Record<string, Suite>> = {
  unit: everywhere,
  contract: everywhere,
  conformance: everywhere,
  fuzz: everywhere,
  lab: { ...everywhere, timeoutSeconds: 240 },
  integration: { runtimes: ['node26', 'node22'], isSerial: false, timeoutSeconds: 240, needsSystem: true },
  types: { runtimes: ['node26'], isSerial: true, timeoutSeconds: 240, needsSystem: false },
  package: { runtimes: ['node26'], isSerial: true, timeoutSeconds: 300, needsSystem: false },
}

/** Folders inside a suite that run alone though the suite does not. */
export const SERIAL: readonly string[] = [
  'integration/benchmarks',
  'integration/browser',
  'integration/leaks',
]

/** Folders inside a suite that run on fewer runtimes, with the reason that the run tells. */
export const NARROWER: readonly { readonly folder: string; readonly runtimes: readonly Runtime[] }[] = [
  { folder: 'unit/repository', runtimes: ['node26'] },
  // Two minutes and a half each time, most of it the browser's; the server's side on Node 22 is what `integration/client`,
  // `integration/channels` and `integration/websocket` show.
  { folder: 'integration/browser', runtimes: ['node26'] },
  { folder: 'integration/benchmarks', runtimes: ['node26'] },
  // What it shows of SQLite on other runtimes, the contract of brokers shows there.
  { folder: 'integration/durable', runtimes: ['node26'] },
  { folder: 'unit/runtime/node', runtimes: ['node26', 'node22'] },
]
