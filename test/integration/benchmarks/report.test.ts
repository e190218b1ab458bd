import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { renderBarChart } from '../../../benchmarks/report/bar-chart.ts'
import { compareRow, missedGoals } from '../../../benchmarks/report/compare.ts'
import { renderResultsPage, type StoredRow } from '../../../benchmarks/report/results-page.ts'
import { limitOf, type Entry } from '../../../benchmarks/report/row-result.ts'
import { median, medianRatio } from '../../../benchmarks/report/statistics.ts'
import { renderTable } from '../../../benchmarks/report/table.ts'
import { mergeRows } from '../../../benchmarks/report/write-results.ts'

function entry(peer: string, title: string, rounds: readonly number[], serverCpu?: number): Entry {
  return { peer, title, rounds, median: median(rounds), ...(serverCpu === undefined ? {} : { serverCpu }) }
}

function row(changes: Partial<StoredRow> = {}): StoredRow {
  return {
    id: 'echo',
    group: 'echo',
    title: 'Echo: 100 connections',
    unit: 'messages/s',
    isLowerBetter: false,
    needsSaturation: true,
    entries: [entry('goweb', 'GoWeb', [120, 130, 110], 1), entry('ws', 'ws', [100, 100, 100], 0.5)],
    goals: [{ peer: 'ws', factor: 1.5 }],
    notes: [],
    failures: [],
    measuredAt: '2030-01-02T03:04:05.000Z',
    commit: 'abc1234',
    ...changes,
  }
}

const MACHINE = {
  processor: 'Some Processor',
  cores: 2,
  memoryGb: 16,
  kernel: '6.0',
  node: '26.0.0',
  load: 0.1,
  commit: 'abc1234',
  hasChanges: false,
  versions: { ws: '8.0.0' },
}

describe('the statistics', () => {
  test('take the middle, whatever the order', () => {
    assert.equal(median([3, 100, 1]), 3)
    assert.equal(median([4, 1, 3, 100]), 3.5)
    assert.throws(() => median([]), /at least one/)
  })

  test('compare within rounds, so that a slow time for both changes nothing', () => {
    assert.equal(medianRatio([20, 2, 20], [10, 1, 10]), 2)
    assert.throws(() => medianRatio([1], [1, 2]), /as many rounds/)
  })
})

describe('a comparison', () => {
  test('of a row on Bun is of GoWeb on Bun, with GoWeb on Node too', () => {
    const entries = [
      entry('goweb-bun', 'GoWeb on Bun', [120, 120, 120], 1),
      entry('bun', 'Bun.serve', [100, 100, 100], 1),
      entry('goweb', 'GoWeb', [60, 60, 60], 1),
    ]
    const onBun = row({ own: 'goweb-bun', entries, goals: [{ peer: 'bun', factor: 1.5 }] })
    assert.deepEqual(compareRow(onBun), [
      { peer: 'bun', title: 'Bun.serve', factor: 1.2 },
      { peer: 'goweb', title: 'GoWeb', factor: 2 },
    ])
    assert.match(missedGoals(onBun).join(), /1\.20x Bun\.serve, the goal is 1\.5x/)
  })

  test('is above 1 where GoWeb is better, whether more or less is', () => {
    assert.deepEqual(compareRow(row()), [{ peer: 'ws', title: 'ws', factor: 1.2 }])
    const entries = [entry('goweb', 'GoWeb', [2]), entry('ws', 'ws', [5])]
    assert.equal(compareRow(row({ isLowerBetter: true, entries }))[0]?.factor, 2.5)
  })

  test('is with others only, and empty without GoWeb', () => {
    const variants = [
      entry('goweb', 'GoWeb', [1]),
      entry('goweb-small-young-generation', 'GoWeb, tuned', [2]),
    ]
    assert.deepEqual(compareRow(row({ entries: variants })), [])
    assert.deepEqual(compareRow(row({ entries: [entry('ws', 'ws', [1])] })), [])
  })

  test('tells missed goals and limits, and only those', () => {
    assert.deepEqual(missedGoals(row()), ['Echo: 100 connections: 1.20x ws, the goal is 1.5x'])
    assert.deepEqual(missedGoals(row({ goals: [{ peer: 'ws', factor: 1.2 }] })), [])
    assert.deepEqual(missedGoals(row({ goals: [{ peer: 'gorilla', factor: 9 }] })), [])
    assert.deepEqual(missedGoals(row({ goals: [], limit: 100 })), [
      'Echo: 100 connections: 120 messages/s, the goal is at most 100',
    ])
    assert.deepEqual(missedGoals(row({ goals: [], least: 121 })), [
      'Echo: 100 connections: 120 messages/s, the goal is at least 121',
    ])
    assert.deepEqual(missedGoals(row({ goals: [], least: 120, limit: 120 })), [])
  })
})

describe('a figure of a server that was not busy', () => {
  const [busy, idle] = row().entries
  const behind = { ...idle!, generatorCpu: 0.99 }

  test('is the generator’s or the machine’s, where that matters', () => {
    assert.equal(limitOf(row(), busy!), 'server')
    assert.equal(limitOf(row(), idle!), 'machine')
    assert.equal(limitOf(row(), behind), 'generator')
    assert.equal(limitOf(row({ needsSaturation: false }), idle!), 'server')
    assert.equal(limitOf(row(), entry('ws', 'ws', [1])), 'server')
  })

  test('is marked in the table and on the page', () => {
    assert.match(renderTable([row()]), /ws .*50 %‡.*\n.*‡ Neither/)
    const page = renderResultsPage({ machine: MACHINE, rows: [row({ entries: [busy!, behind] })] })
    assert.match(page, /\| ws \| 100† \|[^]*† The generator was busy/)
    assert.ok(!renderTable([row({ entries: [busy!] })]).includes('‡'))
  })
})

describe('the page of results', () => {
  test('says where GoWeb loses and which goals it misses', () => {
    const entries = [entry('goweb', 'GoWeb', [50]), entry('ws', 'ws', [100])]
    const page = renderResultsPage({ machine: MACHINE, rows: [row({ entries })] })
    assert.match(page, /## Where GoWeb loses\n\n- Echo: 100 connections: 0\.50x ws\n/)
    assert.match(page, /## Goals it misses\n\n- Echo: 100 connections: 0\.50x ws, the goal is 1\.5x\n/)
    const better = renderResultsPage({ machine: MACHINE, rows: [row({ goals: [] })] })
    assert.match(better, /## Where GoWeb loses\n\nNowhere[^]*## Goals it misses\n\nNone\./)
  })

  test('names machine, versions, commit and date, and shows the chart', () => {
    const page = renderResultsPage({ machine: MACHINE, rows: [row({ notes: ['Left out: Bun.'] })] })
    for (const part of [
      'Some Processor',
      'Node 26.0.0',
      'ws 8.0.0',
      'abc1234',
      '2030-01-02',
      'Left out: Bun.',
    ]) {
      assert.ok(page.includes(part), part)
    }
    assert.match(page, /!\[Echo: 100 connections\]\(charts\/echo\.svg\)/)
    assert.match(page, /\[Echo: 100 connections\]\(#echo-100-connections\)/)
  })

  test('has rows of one server too, without a chart', () => {
    const page = renderResultsPage({
      machine: MACHINE,
      rows: [row({ title: 'Soak', entries: [entry('goweb', 'GoWeb', [5])] })],
    })
    assert.match(page, /### Soak\n\n\|/)
  })

  test('keeps earlier rows, but not of what was measured again', () => {
    const http = row({ id: 'http', group: 'http' })
    const old = row({ id: 'echo-old' })
    const room = row({ id: 'room', group: 'room' })
    const merged = mergeRows([old, http], [room, row()])
    assert.deepEqual(
      merged.map(({ id }) => id),
      ['echo', 'http', 'room'],
    )
  })
})

describe('a chart', () => {
  const bars = [
    { label: 'GoWeb <&> "x"', value: 100, text: '100', isOwn: true },
    { label: 'ws', value: 50, text: '50', isOwn: false },
    { label: 'none', value: Number.NaN, text: '', isOwn: false },
  ]
  const chart = renderBarChart({ title: 'Echo', subtitle: 'messages/s', bars })

  test('draws bars as long as their values say', () => {
    const widths = [...chart.matchAll(/<rect class="(\w+)"[^>]* width="([\d.]+)"/g)]
    assert.deepEqual(
      widths.map(([, name, width]) => [name, Number(width)]),
      [
        ['own', 410],
        ['peer', 205],
      ],
    )
  })

  test('escapes what it is given, and can be read on dark pages', () => {
    assert.ok(chart.includes('GoWeb &lt;&amp;&gt; &quot;x&quot;'))
    assert.ok(chart.includes('prefers-color-scheme:dark'))
    assert.ok(!renderBarChart({ title: '', subtitle: '', bars: [] }).includes('NaN'))
  })
})
