import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { ROOT } from '../peers/folders.ts'
import { PEERS } from '../peers/peers.ts'

/** Where and of what the figures are. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGb: number
  readonly kernel: string
  readonly node: string
  /** Processes that wanted a core before the run, average of a minute. */
  readonly load: number
  readonly commit: string
  /** Whether the sources had changes that are in no commit. */
  readonly hasChanges: boolean
  /** By title. */
  readonly versions: Readonly<Record<string, string>>
}

/** Describes this machine, and what is compared. */
export function describeMachine(): Machine {
  const versions: Record<string, string> = {}
  for (const { name, title, version } of Object.values(PEERS)) {
    const isVariant = /-small-young-generation$|-topics$|-sqlite$|-corked$/.test(name) || name === 'node:http'
    const installed = version()
    if (!isVariant && installed !== undefined) versions[title] = installed
  }
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.versions.node,
    load: Number(loadavg()[0]!.toFixed(2)),
    commit: git('rev-parse', '--short', 'HEAD'),
    hasChanges: git('status', '--porcelain', '--', 'src') !== '',
    versions,
  }
}

function git(...args: string[]): string {
  try {
    return execFileSync('git', args, {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return ''
  }
}
