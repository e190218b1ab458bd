/** A runtime that the tests run on. */
export type Runtime = 'node26' | 'node22' | 'bun'

/** Every runtime, in the order in which results are told. */
export const RUNTIMES: readonly Runtime[] = ['node26', 'node22', 'bun']

/** What a runtime is called in pages and reports. */
export const RUNTIME_NAMES: Readonly<Record<Runtime, string>> = {
  node26: 'Node 26',
  node22: 'Node 22',
  bun: 'Bun',
}

/** One folder of `test/` and how its files run. */
export interface Suite {
  readonly runtimes: readonly Runtime[]
  /** Why not on every runtime, where it is so. */
  readonly reason?: string
  /** A file that takes longer has failed; a file asks for more with `// time-out: N s` in its first lines. */
  readonly timeoutSeconds: number
  /** Needs what `scripts/setup.ts` installs from the system's packages. */
  readonly needsSystem: boolean
}

const everywhere = { runtimes: RUNTIMES, timeoutSeconds: 120, needsSystem: false }

/**
 * The suites of `test/`, by folder. Every test file belongs to one: a folder that is not listed is an error.
 *
 * A file leaves a runtime out with `// not on RUNTIME: reason` in its first lines, a single test with `skipOn`.
 */
export const SUITES: Readonly<Record<string, Suite>> = {
  unit: everywhere,
  contract: everywhere,
  conformance: everywhere,
  fuzz: everywhere,
  lab: { ...everywhere, timeoutSeconds: 240 },
  integration: { ...everywhere, timeoutSeconds: 240, needsSystem: true },
  types: {
    runtimes: ['node26'],
    reason: 'compilers are looked at, not a runtime',
    timeoutSeconds: 240,
    needsSystem: false,
  },
  package: {
    runtimes: ['node26'],
    reason: 'it starts each runtime itself',
    timeoutSeconds: 300,
    needsSystem: false,
  },
}

/** Folders whose files measure memory or speed: they run one after the other, with nothing beside them. */
export const ALONE: readonly string[] = ['integration/benchmarks', 'integration/leaks']

/** Files of a folder that share processes. */
export interface Sharing {
  readonly folder: string
  /** At most; the files are divided as evenly as they can be. */
  readonly filesPerProcess: number
}

/**
 * Folders whose files share a process, which ends when the last one has: starting one takes longer than most files do.
 * Where files are few or long, more processes keep all processors busy. A file that leaves something behind keeps its
 * own process with `// alone: reason` in its first lines, and so does one with a time-out of its own.
 */
export const SHARING: readonly Sharing[] = [
  { folder: 'unit', filesPerProcess: 40 },
  { folder: 'contract', filesPerProcess: 14 },
  { folder: 'conformance', filesPerProcess: 3 },
  { folder: 'fuzz', filesPerProcess: 8 },
  { folder: 'integration/centrifuge', filesPerProcess: 3 },
  { folder: 'integration/channels', filesPerProcess: 12 },
  { folder: 'integration/client', filesPerProcess: 4 },
  { folder: 'integration/http', filesPerProcess: 6 },
  { folder: 'integration/websocket', filesPerProcess: 7 },
]

/** Folders of which only so many files run beside each other, because each starts a browser and a server. */
export const LANES: readonly { readonly folder: string; readonly width: number }[] = [
  { folder: 'integration/browser', width: 2 },
]

/** Folders inside a suite that run on fewer runtimes, with the reason that the run tells. */
export const NARROWER: readonly {
  readonly folder: string
  readonly runtimes: readonly Runtime[]
  readonly reason: string
}[] = [
  { folder: 'unit/repository', runtimes: ['node26'], reason: 'files of the repository are looked at' },
  {
    folder: 'integration/browser',
    runtimes: ['node26'],
    reason:
      'most of it is the work of browsers; what the server does for them, the other integration tests show',
  },
  {
    folder: 'integration/benchmarks',
    runtimes: ['node26'],
    reason: 'the programs that measure are looked at, not what they measure',
  },
  {
    folder: 'integration/durable',
    runtimes: ['node26'],
    reason: 'what it shows of SQLite on other runtimes, the contract of brokers shows there',
  },
  {
    folder: 'integration/proxies',
    runtimes: ['node26'],
    reason: 'it is proxies that are looked at; what the server does, the contract shows',
  },
  {
    folder: 'integration/leaks',
    runtimes: ['node26', 'node22'],
    reason: "memory is measured with V8's means; `npm run bench` tells what a connection costs on Bun",
  },
  { folder: 'unit/runtime/node', runtimes: ['node26', 'node22'], reason: 'the code is for Node only' },
]
