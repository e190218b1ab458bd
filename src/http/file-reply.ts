import { GoWebError } from '../errors/goweb-error.ts'
import { coalesceRanges, parseByteRanges, type ByteRange } from './byte-ranges.ts'
import { evaluateConditions, isRangeCurrent, type ConditionalRequest } from './conditional.ts'
import { contentDisposition } from './content-disposition.ts'
import { fileEntityTag } from './entity-tag.ts'
import { FileBody } from './file-body.ts'
import { formatHttpDate } from './http-date.ts'
import { locateFile, type LocateOptions, type LocatedFile } from './locate-file.ts'
import { mimeType } from './mime-types.ts'
import { readFilePart } from './read-file.ts'
import { Reply, type ReplyBody } from './reply.ts'

/** How a file is answered with. */
export interface FileOptions extends LocateOptions {
  /** Content-Type. Default: by the extension, else `application/octet-stream`. */
  readonly type?: string
  /** Makes the browser save it: under the file's own name (true) or this one. Default: false. */
  readonly download?: boolean | string
  /** Cache-Control. Default: `no-cache`, kept but asked about each time. */
  readonly cacheControl?: string
  /** Whether ETag is sent. Default: true. */
  readonly etag?: boolean
  /** Whether Last-Modified is sent. Default: true. */
  readonly lastModified?: boolean
  /** Whether Range is answered. Default: true. */
  readonly acceptRanges?: boolean
}

/** Files up to this size are read at once, which takes fewer steps; larger ones are streamed. */
const WHOLE_READ_BYTES = 65_536

/**
 * Answers with a file (RFC 9110 sections 13 and 14).
 *
 * Conditions are evaluated in the RFC's order, on a weak ETag of size and time and on Last-Modified. Range works for GET:
 * one range, or several that touch, give 206; several with holes give the whole file, as the RFC allows. A path that
 * comes from a request needs `root`: without it the path is trusted. Large files are streamed with backpressure and closed when the
 * client leaves.
 *
 * @throws `NOT_FOUND` for what is missing, no file, or outside of `root`; `PRECONDITION_FAILED`; `RANGE_NOT_SATISFIABLE`.
 * @example
 * app.get('/reports/{name...}', (c) => c.file(c.params.name, { root: './reports', download: true }))
 */
export async function fileReply(
  request: ConditionalRequest,
  path: string,
  options: FileOptions = {},
): Promise<Reply> {
  // A file that is replaced between the look and the read is looked at again, once.
  for (let attempt = 0; attempt < 2; attempt++) {
    const file = await locateFile(path, options)
    if (file?.kind !== 'file') throw new GoWebError('NOT_FOUND', 'There is no such file')
    const reply = await locatedFileReply(request, file, options)
    if (reply !== undefined) return reply
  }
  throw new GoWebError('UNAVAILABLE', 'The file changes too fast to be sent')
}

/** {@link fileReply} for a file that was found before; undefined when it has changed since. */
export async function locatedFileReply(
  request: ConditionalRequest,
  file: LocatedFile,
  options: Omit<FileOptions, keyof LocateOptions> = {},
): Promise<Reply | undefined> {
  const { size, modifiedMs } = file
  const validators = {
    etag: options.etag === false ? undefined : fileEntityTag(size, modifiedMs),
    modifiedMs: options.lastModified === false ? undefined : modifiedMs,
  }
  const condition = evaluateConditions(request, validators)
  if (condition === 412) throw new GoWebError('PRECONDITION_FAILED')
  const isWhole = condition === undefined
  const reply = new Reply(isWhole ? 200 : 304, null, isWhole ? typeOf(file, options) : undefined)
  const { headers } = reply
  headers.set('cache-control', options.cacheControl ?? 'no-cache')
  if (validators.etag !== undefined) headers.set('etag', validators.etag)
  if (validators.modifiedMs !== undefined) headers.set('last-modified', formatHttpDate(modifiedMs))
  if (!isWhole) return reply

  const takesRanges = options.acceptRanges !== false
  if (takesRanges) headers.set('accept-ranges', 'bytes')
  if (options.download !== undefined && options.download !== false) {
    const name = options.download === true ? file.name : options.download
    headers.set('content-disposition', contentDisposition('attachment', name))
  }
  const range = takesRanges && isRangeCurrent(request, validators) ? requestedRange(request, size) : undefined
  if (range !== undefined) {
    reply.status = 206
    headers.set('content-range', `bytes ${range.start}-${range.end}/${size}`)
  }
  const { start, end } = range ?? { start: 0, end: size - 1 }
  headers.set('content-length', String(end - start + 1))
  if (request.method === 'HEAD') return reply
  const body = await bodyOf(file, { start, end })
  if (body === undefined) return undefined
  reply.body = body
  return reply
}

async function bodyOf(file: LocatedFile, range: ByteRange): Promise<ReplyBody | undefined> {
  const length = range.end - range.start + 1
  if (length === 0) return new Uint8Array(0)
  return length <= WHOLE_READ_BYTES ? readFilePart(file, range) : new FileBody(file, range)
}

function typeOf(file: LocatedFile, options: Pick<FileOptions, 'type'>): string {
  return options.type ?? mimeType(file.name) ?? 'application/octet-stream'
}

function requestedRange(request: ConditionalRequest, size: number): ByteRange | undefined {
  // RFC 9110 section 14.2: Range means something for GET alone.
  const header = request.method === 'GET' ? request.header('range') : undefined
  if (header === undefined) return undefined
  const ranges = parseByteRanges(header, size)
  if (ranges === 'unsatisfiable') {
    throw new GoWebError('RANGE_NOT_SATISFIABLE', `The file has ${size} bytes`, {
      headers: { 'content-range': `bytes */${size}` },
    })
  }
  return ranges === undefined ? undefined : coalesceRanges(ranges)
}
