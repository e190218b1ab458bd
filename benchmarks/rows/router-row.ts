import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BENCHMARKS } from '../peers/folders.ts'
import { NODE, PEERS } from '../peers/peers.ts'
import type { RowResult } from '../report/row-result.ts'
import type { Row } from './row.ts'

/** What `router/lookup.ts` writes. */
interface Lookups {
  readonly rows: readonly {
    readonly routes: number
    readonly kind: string
    readonly goweb: number
    readonly findMyWay: number
  }[]
}

/** Lookups in the router, with no server around it. */
export const ROUTER_ROW: Row = {
  group: 'router',
  title: 'Router: lookups among 10, 1,000 and 10,000 routes',
  async run(bench) {
    if (bench.pick(['goweb'], []).length === 0) return []
    const folder = mkdtempSync(join(tmpdir(), 'goweb-bench-'))
    const json = join(folder, 'router.json')
    const args = ['--conditions=goweb-source', join(BENCHMARKS, 'router/lookup.ts'), '--json', json]
    try {
      const [program, ...rest] = bench.onServerCore([
        NODE,
        ...args,
        ...(bench.effort.isQuick ? ['--quick'] : []),
      ])
      execFileSync(program!, rest, { stdio: ['ignore', 'ignore', 'inherit'] })
      return toResults(JSON.parse(readFileSync(json, 'utf8')) as Lookups)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

function toResults({ rows }: Lookups): RowResult[] {
  return rows.map(({ routes, kind, goweb, findMyWay }) => {
    const count = routes.toLocaleString('en')
    const ofTen = rows.find((row) => row.routes === 10 && row.kind === kind)?.goweb ?? goweb
    return {
      id: `router-${routes}-${kind.replace(' ', '-')}`,
      group: 'router',
      title: `Router lookup among ${count} routes: ${kind}`,
      unit: 'ns',
      isLowerBetter: true,
      needsSaturation: false,
      entries: [
        { peer: 'goweb', title: PEERS.goweb.title, rounds: [goweb], median: goweb },
        {
          peer: 'find-my-way',
          title: PEERS['find-my-way'].title,
          rounds: [findMyWay],
          median: findMyWay,
        },
      ],
      goals: [{ peer: 'find-my-way', factor: 1 }],
      limit: 2 * ofTen,
      notes: [],
      failures: [],
      measuredAt: new Date().toISOString(),
    }
  })
}
