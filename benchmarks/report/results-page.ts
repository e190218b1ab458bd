import { compareRow, isOwn, missedGoals, ownEntry } from './compare.ts'
import type { Machine } from './machine.ts'
import { explainMarks, LIMIT_MARKS, limitOf, type Entry, type RowResult } from './row-result.ts'
import { formatCpu, formatFactor, formatFigure } from './format.ts'

/** A measured row, with the commit it is of. */
export interface StoredRow extends RowResult {
  readonly commit: string
}

/** Results as they are kept. */
export interface Results {
  readonly machine: Machine
  readonly rows: readonly StoredRow[]
}

/** How much worse GoWeb must be to have lost: less is within what rounds differ by. */
const LOSS_FACTOR = 0.97

const METHOD = [
  'One server process is pinned to the first core, the generator to the second. The servers of a row run side by side; in each round each of them is warmed up and loaded once, mostly for less than a second, one after the other, so that in the end each has come at each place and behind each other one about equally often. The tables tell how many rounds there were; those of five were mostly of a second and a half, each beginning with another server. Figures are medians of the rounds, "GoWeb is" is the median of the ratios within each round.',
  'The servers ([servers/](servers)) use only the public API of their library, have an error handler, and do what an application would. GoWeb is the built package, not its sources. No server has other settings than its name says.',
  'The generator ([generator/](generator)) numbers every message by sender and compares every byte and the order of everything that comes back: in a phase before the timing, with messages that all differ, and during it. It is written in C on raw TCP, since one on Node does the same work as the server and would be the limit itself.',
  'In rows of channels the generator speaks the JSON protocol of channels: it connects, subscribes and publishes, checks that offsets rise by one and that every publish is answered, besides every byte and the order of each sender.',
  'The clients of the rows about cut connections and restarts are those of the libraries, all in one process of Node on the generator’s core, over the package ws. There the client is a part of what is measured. A cut ends TCP connections; until the network is back, new ones wait, as where nothing answers.',
  'In rows of durable publishes a publish counts when its answer has come, which is sent after the transaction is committed. Server and files are on one machine and one disk; the delay of the event loop is what `monitorEventLoopDelay` of Node says in the server, beyond the millisecond between its looks.',
  '"Server CPU" is the processor time of the server process in the seconds that counted, in shares of one core. Where it is below 90 % the figure is not the server’s, and is marked: the generator or the machine was the limit.',
  'In flight means: so many messages of one sender are sent in one write, the next ones when all of them are back (for topics: back from every subscriber).',
]

/** The page of results in Markdown; the charts lie in `charts/`. */
export function renderResultsPage({ machine, rows }: Results): string {
  const servers = rows.filter(({ group }) => group !== 'router')
  return [
    '# Benchmarks',
    '<!-- Written by `npm run bench -- --write`; changes by hand are lost. -->',
    'Everything here is written by one command, `npm run bench -- --write`, from [results.json](results.json).',
    renderSummary(servers),
    '## Where GoWeb loses',
    list(findLosses(rows), 'Nowhere in these rows.'),
    '## Goals it misses',
    list(rows.flatMap(missedGoals), 'None.'),
    '## Row by row',
    ...servers.map(renderRow),
    ...renderRouter(rows.filter(({ group }) => group === 'router')),
    '## Machine and versions',
    renderMachine(machine, rows),
    '## Method',
    ...METHOD,
    '## Again, on your machine',
    '```sh\nnpm install\nnpm run bench                            # everything, about an hour\nnpm run bench -- --only echo,http --quick  # two groups, a rough look\n```',
    'It needs Linux, a C compiler and two cores that nothing else uses. The first run installs the peers; gorilla takes part where `go` and Debian’s `golang-github-gorilla-websocket-dev` and `golang-github-gorilla-mux-dev` are installed, µWebSockets.js with `--peers all`.',
  ]
    .join('\n\n')
    .concat('\n')
}

/** Whether a row has a chart of its own. */
export function hasChart(row: RowResult): boolean {
  return row.group !== 'router' && row.entries.length > 1
}

function renderSummary(rows: readonly RowResult[]): string {
  const lines = rows.map((row) => {
    const own = ownEntry(row)
    const comparisons = compareRow(row).map(({ title, factor }) => `${formatFactor(factor)} ${title}`)
    const figure = own === undefined ? '' : `${formatFigure(own.median)} ${row.unit}`
    return `| [${row.title}](#${anchor(row.title)}) | ${figure} | ${comparisons.join(', ')} |`
  })
  return ['| | GoWeb | which is (above 1 is better) |', '| --- | ---: | --- |', ...lines].join('\n')
}

function renderRow(row: StoredRow): string {
  const factors = compareRow(row)
  const hasServer = row.entries.some(({ serverCpu }) => serverCpu !== undefined)
  const lines = row.entries.map((entry) => {
    const factor = factors.find(({ peer }) => peer === entry.peer)?.factor
    const cells = [
      isOwn(entry) ? `**${entry.title}**` : entry.title,
      formatFigure(entry.median) + LIMIT_MARKS[limitOf(row, entry)].mark,
      renderRange(entry),
      factor === undefined ? '' : formatFactor(factor),
      ...(hasServer ? [formatCpu(entry.serverCpu), formatCpu(entry.generatorCpu)] : []),
    ]
    return `| ${cells.join(' | ')} |`
  })
  const rounds = Math.max(...row.entries.map((entry) => entry.rounds.length))
  const head = [
    '',
    row.unit,
    `lowest to highest of ${rounds} round${rounds === 1 ? '' : 's'}`,
    'GoWeb is',
    ...(hasServer ? ['server CPU', 'generator CPU'] : []),
  ]
  return [
    `### ${row.title}`,
    ...(hasChart(row) ? [`![${row.title}](charts/${row.id}.svg)`] : []),
    [`| ${head.join(' | ')} |`, `| --- |${' ---: |'.repeat(head.length - 1)}`, ...lines].join('\n'),
    ...explainMarks(row),
    ...row.notes,
    ...row.failures.map((failure) => `**Failed:** ${failure}.`),
  ].join('\n\n')
}

function renderRouter(rows: readonly StoredRow[]): string[] {
  if (rows.length === 0) return []
  const lines = rows.map((row) => {
    const [own, peer] = row.entries
    const title = row.title.replace('Router lookup among ', '')
    return `| ${title} | ${formatFigure(own!.median)} | ${formatFigure(peer!.median)} | ${formatFactor(peer!.median / own!.median)} |`
  })
  const head = ['| | GoWeb, ns | find-my-way, ns | GoWeb is |', '| --- | ---: | ---: | ---: |']
  return [
    '### Router lookups',
    'In one process, without a server; the two take turns.',
    [...head, ...lines].join('\n'),
  ]
}

function renderRange({ rounds }: Entry): string {
  return `${formatFigure(Math.min(...rounds))} to ${formatFigure(Math.max(...rounds))}`
}

function findLosses(rows: readonly RowResult[]): string[] {
  return rows.flatMap((row) =>
    compareRow(row)
      .filter(({ peer, factor }) => factor < LOSS_FACTOR && !isOwn({ peer }))
      .map(({ title, factor }) => `${row.title}: ${formatFactor(factor)} ${title}`),
  )
}

function list(items: readonly string[], none: string): string {
  return items.length === 0 ? none : items.map((item) => `- ${item}`).join('\n')
}

function renderMachine(machine: Machine, rows: readonly StoredRow[]): string {
  const commits = new Set(rows.map(({ commit }) => commit))
  const dates = rows.map(({ measuredAt }) => measuredAt.slice(0, 10)).toSorted()
  const span = dates[0] === dates.at(-1) ? dates[0] : `${dates[0]} to ${dates.at(-1)}`
  return [
    `- ${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GiB, Linux ${machine.kernel}`,
    `- Node ${machine.node}; ${Object.entries(machine.versions)
      .map(([title, version]) => `${title} ${version}`)
      .join('; ')}`,
    `- ${span}, commit ${[...commits].join(', ')}; load of the machine before the run: ${machine.load}`,
  ].join('\n')
}

/** As GitHub makes the anchors of headings. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')
}
