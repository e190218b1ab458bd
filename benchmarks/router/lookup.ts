/**
 * Router lookups against find-my-way: `node --conditions=goweb-source benchmarks/router/lookup.ts`.
 *
 * Both routers get the same routes and the same paths. Every answer is checked before anything is timed. The two
 * take turns, a fraction of a millisecond each, so that a disturbance hits both; figures are medians, in ns per lookup.
 *
 * Options: `--quick` for a short run, `--json FILE` to write the figures to a file.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import findMyWay from 'find-my-way'
import type { RequestFacts } from '../../src/router/route.ts'
import { Router } from '../../src/router/router.ts'
import { KINDS, makeRequests, makeRoutes, type Expected, type Kind, type TestRoute } from './routes.ts'

interface Contender {
  readonly name: string
  readonly find: (path: string) => unknown
  /** What a lookup found, in a form that can be compared. */
  readonly read: (path: string) => Expected
}

interface Row {
  readonly routes: number
  readonly kind: Kind
  readonly goweb: number
  readonly findMyWay: number
}

const SIZES = [10, 1_000, 10_000]
const PATHS = 2_000
const FACTS: RequestFacts = {
  host: 'example.com',
  scheme: 'https',
  header: () => undefined,
  query: () => undefined,
}

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } })
const rounds = flags.quick === true ? 30 : 200

function goweb(routes: readonly TestRoute[]): Contender {
  const router = new Router<number>()
  for (const { pattern, value } of routes) router.add({ method: 'GET', pattern, value })
  return {
    name: 'goweb',
    find: (path) => router.find('GET', path, FACTS),
    read(path) {
      const result = router.find('GET', path, FACTS)
      return result.kind === 'match' ? { value: result.route.value, params: { ...result.params } } : null
    },
  }
}

function peer(routes: readonly TestRoute[]): Contender {
  const router = findMyWay()
  for (const { peerPattern, value } of routes) router.on('GET', peerPattern, () => {}, value)
  return {
    name: 'find-my-way',
    find: (path) => router.find('GET', path),
    read(path) {
      const result = router.find('GET', path)
      if (result === null) return null
      const params = Object.entries(result.params).map(([name, value]) => [
        name === '*' ? 'path' : name,
        value,
      ])
      return { value: result.store as number, params: Object.fromEntries(params) as Record<string, string> }
    },
  }
}

/** Nanoseconds per lookup of one turn; a pass before it brings back what the others pushed out of the caches. */
function time(find: Contender['find'], paths: readonly string[]): number {
  for (const path of paths) find(path)
  let last: unknown
  const start = process.hrtime.bigint()
  for (let i = 0; i < paths.length; i++) last = find(paths[i]!)
  const nanoseconds = Number(process.hrtime.bigint() - start)
  assert.notEqual(last, undefined)
  return nanoseconds / paths.length
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1]!
}

interface Field {
  readonly routes: readonly TestRoute[]
  readonly contenders: readonly [Contender, Contender]
}

/** One row for each number of routes; all of them take turns, so that they can be compared with each other. */
function measure(fields: readonly Field[], kind: Kind): Row[] {
  const runners = fields.map(({ routes, contenders }) => {
    const requests = makeRequests(routes, kind, PATHS)
    for (const { read, name } of contenders) {
      for (const { path, expected } of requests) assert.deepEqual(read(path), expected, `${name}: ${path}`)
    }
    const figures: readonly [number[], number[]] = [[], []]
    return { contenders, paths: requests.map(({ path }) => path), figures }
  })
  for (let round = 0; round < rounds; round++) {
    for (const { contenders, paths, figures } of runners) {
      contenders.forEach(({ find }, i) => figures[i]!.push(time(find, paths)))
    }
  }
  return runners.map(({ figures: [ours, theirs] }, i) => {
    return { kind, routes: fields[i]!.routes.length, goweb: median(ours), findMyWay: median(theirs) }
  })
}

const fields = SIZES.map((size): Field => {
  const routes = makeRoutes(size)
  return { routes, contenders: [goweb(routes), peer(routes)] }
})
const rows = KINDS.flatMap((kind) => measure(fields, kind))
const ofTen = (kind: Kind): number => rows.find((row) => row.routes === 10 && row.kind === kind)!.goweb

console.log('row         routes  goweb  find-my-way  speed  time vs 10 routes')
for (const row of rows) {
  const columns = [
    row.kind.padEnd(10),
    String(row.routes).padStart(6),
    row.goweb.toFixed(0).padStart(5),
    row.findMyWay.toFixed(0).padStart(11),
    `${(row.findMyWay / row.goweb).toFixed(2)}x`.padStart(5),
    (row.goweb / ofTen(row.kind)).toFixed(2),
  ]
  console.log(columns.join('  '))
}
if (flags.json !== undefined) {
  const figures = { unit: 'ns per lookup', node: process.version, rounds, rows }
  writeFileSync(flags.json, `${JSON.stringify(figures, null, 2)}\n`)
}
