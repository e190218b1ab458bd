import { lstatSync } from 'node:fs'
import type { FileBody } from '../../http/file-body.ts'
import type { Reply } from '../../http/reply.ts'
import { bunApi } from './bun-api.ts'

/**
 * A part of a file that Bun sends by itself, which only so tells its length; undefined where it has to be read.
 *
 * Bun opens the file before anything else can run in this process, so that what is looked at here is what is sent. It would answer a `Range`
 * that this server has decided to ignore: such a file is read.
 */
export function bunFileBody({ file, range }: FileBody, reply: Reply, request: Request): Blob | undefined {
  if (reply.status !== 206 && (reply.status !== 200 || request.headers.has('range'))) return undefined
  const stats = lstatSync(file.path, { throwIfNoEntry: false })
  const isSame = stats?.isFile() === true && stats.size === file.size && stats.mtimeMs === file.modifiedMs
  return isSame
    ? bunApi()
        .file(file.path)
        .slice(range.start, range.end + 1)
    : undefined
}
