import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const HOLDER = join(import.meta.dirname, 'file-holder.ts')

/** Starts a process that has the file of a broker; resolves when it has it. */
export async function startHolder(file: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--no-warnings', HOLDER, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}
