import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { JitterResult } from '../../../benchmarks/clients/jitter.ts'
import { compareRow, missedGoals, ownEntry } from '../../../benchmarks/report/compare.ts'
import { renderResultsPage } from '../../../benchmarks/report/results-page.ts'
import type { Entry, RowResult } from '../../../benchmarks/report/row-result.ts'
import { quantile } from '../../../benchmarks/report/statistics.ts'
import { durableResults, type DurableRun } from '../../../benchmarks/rows/durable-row.ts'
import { catchUpResults, describeRun, jitterResults } from '../../../benchmarks/rows/jitter-row.ts'
import { mostWithin, stormResults, type Storm } from '../../../benchmarks/rows/storm-row.ts'

const GOWEB = { name: 'goweb', title: 'GoWeb' } as const
const GOWEB_SQLITE = { name: 'goweb-sqlite', title: 'GoWeb on SQLite' } as const
const SOCKET_IO = { name: 'socket.io', title: 'Socket.IO' } as const

describe('rows of jitter', () => {
  const size = { clients: 10, seconds: 5, stallMs: 1 }
  const good: JitterResult = {
    published: 100,
    clients: 10,
    delivered: 1_000,
    lost: 0,
    doubled: 0,
    disordered: 0,
    altered: 0,
    gaps: 0,
    cuts: 7,
    missing: 0,
    catchUpMs: [1, 2, 3, 40],
    seconds: 5,
    serverCpu: 0.5,
    generatorCpu: 0.4,
  }

  test('tell p50 and p99, and fail for nothing that went well', () => {
    const rows = jitterResults([{ peer: GOWEB, result: good }], size, [])
    assert.deepEqual(
      rows.map(({ id, entries, failures }) => [id, entries[0]!.median, failures]),
      [
        ['jitter-p50', 2, []],
        ['jitter-p99', 40, []],
      ],
    )
  })

  for (const figure of ['lost', 'doubled', 'disordered', 'altered', 'gaps', 'missing'] as const) {
    test(`fail when something of GoWeb’s is ${figure}, not when it is another’s`, () => {
      const bad = { ...good, [figure]: 1 }
      const failuresOf = (peer: typeof GOWEB | typeof GOWEB_SQLITE | typeof SOCKET_IO): string[] =>
        jitterResults([{ peer, result: bad }], size, []).flatMap(({ failures }) => failures)
      assert.deepEqual(failuresOf(GOWEB), [`Jitter: GoWeb: 1 ${figure}`])
      assert.deepEqual(failuresOf(GOWEB_SQLITE), [`Jitter: GoWeb on SQLite: 1 ${figure}`])
      assert.deepEqual(failuresOf(SOCKET_IO), [])
    })
  }

  test('fail when nothing was cut, published or caught up with', () => {
    for (const change of [{ cuts: 0 }, { published: 0 }, { catchUpMs: [] }]) {
      const rows = jitterResults([{ peer: GOWEB, result: { ...good, ...change } }], size, [])
      assert.deepEqual(rows[0]!.failures, ['Jitter: nothing happened'])
    }
  })

  test('of a server that is replaced are rows of their own, without its processor time', () => {
    const heading = { group: 'rolling', title: 'Catching up', own: 'goweb-sqlite', notes: ['how'] } as const
    const result = { ...good, serverCpu: Number.NaN, doubled: 2 }
    const [first, second] = catchUpResults([{ peer: GOWEB_SQLITE, result }], heading)
    assert.deepEqual([first!.id, second!.id, first!.group], ['rolling-p50', 'rolling-p99', 'rolling'])
    assert.deepEqual(first!.failures, ['Rolling restarts: GoWeb on SQLite: 2 doubled'])
    assert.equal(first!.notes.at(-1), 'how')
    assert.equal(ownEntry(first!)?.title, 'GoWeb on SQLite')
    assert.ok(!('serverCpu' in first!.entries[0]!))
  })

  test('do not round up to 100 %', () => {
    const result = { ...good, published: 1_000_000, delivered: 9_999_999, lost: 1 }
    assert.match(describeRun({ peer: GOWEB, result }), /9,999,999 of 10,000,000 deliveries \(99\.999 %\)/)
    assert.match(describeRun({ peer: GOWEB, result: good }), /\(100 %\)/)
  })
})

describe('rows of durable publishes', () => {
  const reading = (messages: number, p99: number): DurableRun['readings'][number] => ({
    measurement: { messages, verified: 1, seconds: 2, serverCpu: 1, generatorCpu: 0.5 },
    delayMs: { p50: 1, p99, max: 2 * p99 },
  })
  const runs: DurableRun[] = [
    { variant: { peer: 'goweb', title: 'GoWeb' }, readings: [reading(60_000, 5), reading(90_000, 9)] },
  ]
  const setting = { id: 'durable', title: 'Publishes', stored: 0 }

  test('tell publishes a second and the event loop’s delay', () => {
    const rows = durableResults(setting, 1, runs)
    assert.deepEqual(
      rows.map(({ id, title, entries }) => [id, title, entries[0]!.rounds]),
      [
        ['durable-1', 'Publishes, one in flight each', [30_000, 45_000]],
        ['durable-delay-1', 'Publishes, one in flight each: delay of the server’s event loop, p99', [5, 9]],
      ],
    )
    assert.match(rows[1]!.notes[0]!, /GoWeb: p50 1\.0 ms, longest 14\.0 ms/)
  })

  test('miss their goal below 40,000 publishes/s with one in flight', () => {
    const missed = durableResults(setting, 1, runs).flatMap(missedGoals)
    assert.deepEqual(missed, [
      'Publishes, one in flight each: 37,500 publishes/s, the goal is at least 40,000',
    ])
    assert.deepEqual(durableResults(setting, 16, runs).flatMap(missedGoals), [])
  })
})

describe('rows of storms', () => {
  const storm: Storm = {
    result: {
      clients: 4,
      backAtMs: [1_040, 1_010, 1_020, 1_030],
      connectedAtMs: [1_005, 1_006, 1_200],
      gaps: 4,
      reached: 4,
      generatorCpu: 0.1,
    },
    downMs: 300,
    listeningAtMs: 1_000,
    peakCpu: 0.8,
  }

  test('tell when half, nearly all and all were back', () => {
    const rows = stormResults([{ peer: GOWEB, storms: [storm] }], 4, [])
    assert.deepEqual(
      rows.map(({ id, entries, failures }) => [id, entries[0]!.median, failures]),
      [
        ['storm-50', 20, []],
        ['storm-99', 40, []],
        ['storm-100', 40, []],
      ],
    )
    assert.match(rows[0]!.notes[0]!, /4 of 4 back, .* at most 2 in 100 ms; server at most 80 %/)
  })

  test('fail when a client of GoWeb is not back, or does not get what is published then', () => {
    const bad = { ...storm, result: { ...storm.result, backAtMs: [1_010], reached: 3 } }
    const rows = stormResults([{ peer: GOWEB, storms: [bad] }], 4, [])
    assert.equal(rows[2]!.entries[0]!.median, 60_000)
    assert.deepEqual(rows[0]!.failures, [
      'Storm: GoWeb: 1 of 4 clients are back',
      'Storm: GoWeb: a message afterwards reached 3 of 4 clients once',
    ])
    const others = stormResults([{ peer: SOCKET_IO, storms: [bad] }], 4, [])
    assert.deepEqual(others[0]!.failures, [])
  })

  test('count how many come at about the same time', () => {
    assert.equal(mostWithin([], 100), 0)
    assert.equal(mostWithin([300, 0, 99, 100, 250], 100), 2)
    assert.equal(mostWithin([5, 5, 5, 200], 100), 3)
  })
})

test('a quantile is a figure that was measured', () => {
  assert.equal(quantile([30, 10, 20, 40], 0.5), 20)
  assert.equal(quantile([30, 10, 20, 40], 0.99), 40)
  assert.equal(quantile([7], 0), 7)
  assert.ok(Number.isNaN(quantile([], 0.5)))
})

describe('channels beside raw topics', () => {
  const entry = (peer: string, median: number): Entry => ({ peer, title: peer, rounds: [median], median })
  const row: RowResult = {
    id: 'channels-room',
    group: 'channels',
    title: 'Room',
    unit: 'deliveries/s',
    isLowerBetter: false,
    needsSaturation: false,
    entries: [entry('goweb', 30), entry('goweb-topics', 100), entry('ws', 10)],
    goals: [{ peer: 'goweb-topics', factor: 0.4 }],
    notes: [],
    failures: [],
    measuredAt: '2030-01-02T03:04:05.000Z',
  }

  test('are compared with them, and miss their goal where they are too slow', () => {
    assert.deepEqual(
      compareRow(row).map(({ peer, factor }) => [peer, factor]),
      [
        ['goweb-topics', 0.3],
        ['ws', 3],
      ],
    )
    assert.deepEqual(missedGoals(row), ['Room: 0.30x goweb-topics, the goal is 0.4x'])
  })

  test('do not lose against GoWeb', () => {
    const machine = { processor: '', cores: 2, memoryGb: 1, kernel: '', node: '', load: 0, commit: '' }
    const page = renderResultsPage({
      machine: { ...machine, hasChanges: false, versions: {} },
      rows: [{ ...row, commit: '' }],
    })
    assert.match(page, /## Where GoWeb loses\n\nNowhere/)
  })
})
