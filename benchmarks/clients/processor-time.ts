import { readFileSync } from 'node:fs'

/** Ticks of a second in `/proc`, on every Linux that this runs on. */
const TICKS = 100

/** Processor time of all threads of a process in seconds, in user and kernel mode: proc(5). NaN when there is no such process. */
export function processorSeconds(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Behind the name, which may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS
  } catch {
    return Number.NaN
  }
}
