import { ECHO_SECTIONS, SECTIONS } from './cases/all-cases.ts'
import { HANDSHAKES } from './cases/handshakes.ts'
import {
  ECHOES_ON_BUN,
  FRAMES_ON_BUN,
  HANDSHAKES_ON_BUN,
  type Difference,
  type Verdict,
} from './cases/on-bun.ts'

/** Cases of one section that Bun passes in its own way. */
interface SectionOnBun {
  readonly title: string
  readonly count: number
  /** What is different, by the cases' numbers or names, in their order. */
  readonly differences: readonly { readonly cases: readonly string[]; readonly difference: Difference }[]
}

/** Every section of the conformance tests, with what is different on Bun. */
function sectionsOnBun(): SectionOnBun[] {
  const frames = SECTIONS.map(({ title, cases }) => ({
    title,
    count: cases.length,
    differences: cases.flatMap((row) => {
      const difference = FRAMES_ON_BUN[row.id]?.(row)
      return difference === undefined ? [] : [{ cases: [row.id], difference }]
    }),
  }))
  const echoes = ECHO_SECTIONS.map(({ title, groups }) => ({
    title,
    count: groups.reduce((sum, { cases }) => sum + cases.length, 0),
    differences: groups.flatMap(({ id, cases }) => {
      const difference = ECHOES_ON_BUN[id]
      return difference === undefined ? [] : [{ cases: cases.map((row) => row.id), difference }]
    }),
  }))
  const handshakes = {
    title: 'Opening handshakes',
    count: HANDSHAKES.length,
    differences: HANDSHAKES.flatMap(({ name }) => {
      const difference = HANDSHAKES_ON_BUN[name]
      return difference === undefined ? [] : [{ cases: [name], difference }]
    }),
  }
  return [...frames, ...echoes, handshakes]
}

/** The table of sections and runtimes in `docs/runtimes.md`: how many cases are strict, non-strict or unimplemented. */
export function renderSectionsByRuntime(): string {
  const rows = sectionsOnBun().map(({ title, count, differences }) => {
    const of = (verdict: Verdict): string[] =>
      differences.flatMap(({ cases, difference }) => (difference.verdict === verdict ? cases : []))
    const [late, declined] = [of('non-strict'), of('unimplemented')]
    const onBun = [`${count - late.length - declined.length} strict`]
    if (late.length > 0) onBun.push(`${late.length} non-strict (${nameCases(late)})`)
    if (declined.length > 0) onBun.push(`${declined.length} unimplemented (${nameCases(declined)})`)
    return `| ${title} | ${count} strict | ${count} strict | ${onBun.join(', ')} |`
  })
  return ['| section | Node 26 | Node 22 | Bun |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

/** The table of what Bun does where the rows say something else, for `docs/conformance.md`. */
export function renderOnBun(): string {
  const rows = sectionsOnBun().flatMap(({ differences }) => {
    const groups = Map.groupBy(differences, ({ difference }) => `${difference.verdict} ${difference.does}`)
    return Array.from(groups.values(), (group) => {
      const [{ difference } = { difference: { verdict: '', does: '' } }] = group
      const names = nameCases(group.flatMap(({ cases }) => cases))
      return `| ${names} | ${difference.does} | ${difference.verdict} |`
    })
  })
  return ['| case | Bun | verdict |', '| --- | --- | --- |', ...rows].join('\n')
}

/** Runs of numbers as their first and last. */
function nameCases(ids: readonly string[]): string {
  const runs: string[][] = []
  for (const id of ids) {
    const run = runs.at(-1)
    if (run !== undefined && isNext(run.at(-1) ?? '', id)) run.push(id)
    else runs.push([id])
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]} to ${run.at(-1)}` : run.join(', '))).join(', ')
}

function isNext(before: string, id: string): boolean {
  const [, head = '', last = ''] = /^([\d.]+\.)(\d+)$/.exec(before) ?? []
  return head !== '' && id === `${head}${Number(last) + 1}`
}
