import { lstat } from 'node:fs/promises'
import { connect } from 'node:net'
import { errorCode } from './error-code.ts'

/** Whether a path is that of a socket file at which nobody answers: what a killed process left. Never of any other file. */
export async function isAbandonedSocket(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats?.isSocket() !== true) return false
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.once('error', (error) => resolve(errorCode(error) === 'ECONNREFUSED'))
  })
}
