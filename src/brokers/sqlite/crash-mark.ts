import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'

const BOOT_ID = '/proc/sys/kernel/random/boot_id'
/** Within which two guesses of when the machine started are the same. */
const TOLERANCE_S = 10

/** Names this run of the machine: what it leaves in a file tells later whether the machine has stopped since. */
export function bootMark(): string {
  try {
    return readFileSync(BOOT_ID, 'latin1').trim()
  } catch {
    // Only Linux has it.
    return `@${Math.round(Date.now() / 1_000 - uptime())}`
  }
}

/** Whether a mark was left by this run of the machine. */
export function isThisBoot(mark: string): boolean {
  const now = bootMark()
  if (!now.startsWith('@') || !mark.startsWith('@')) return mark === now
  return Math.abs(Number(mark.slice(1)) - Number(now.slice(1))) <= TOLERANCE_S
}
