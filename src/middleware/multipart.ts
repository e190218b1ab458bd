import type { Next } from '../chain/middleware.ts'
import { defineMiddleware } from '../http/define-middleware.ts'
import type { HttpContext } from '../http/http-context.ts'
import type { HttpMiddleware } from '../http/http-middleware.ts'
import type { Reply } from '../http/reply.ts'
import { loadFormParser } from './multipart/load-form-parser.ts'
import { DEFAULT_MULTIPART_LIMITS, type MultipartLimits } from './multipart/multipart-limits.ts'
import { MultipartReader, type MultipartRequest } from './multipart/multipart-reader.ts'
import { OptionReader } from './options/option-reader.ts'

export type { MultipartLimits } from './multipart/multipart-limits.ts'
export type { MultipartField, MultipartFile, MultipartPart } from './multipart/multipart-part.ts'
export type { MultipartReader } from './multipart/multipart-reader.ts'
export { safeFilename } from './multipart/safe-filename.ts'

/** Options of {@link multipart}: limits, each with a default. */
export type MultipartOptions = Partial<MultipartLimits>

// Awaited here, so that the lack of it is told when the app is built, not by the first form.
const formParser = await loadFormParser()

const NAMES = Object.keys(DEFAULT_MULTIPART_LIMITS) as (keyof MultipartLimits)[]

/**
 * Reads forms with files (`multipart/form-data`, RFC 7578): adds `c.multipart`.
 *
 * Files stream through without being kept, in memory or on disk, unless the handler asks. Nothing is read, and no
 * Content-Type refused, before the handler asks for it. The whole body is bounded by the `bodyLimitBytes` of the route (1 MiB
 * by default), so a route for uploads names its own; the headers of a part by the parser, to 16 KiB. Needs the package
 * `busboy`.
 *
 * @throws `MULTIPART_OPTIONS_INVALID` when constructed with wrong options, `MULTIPART_PARSER_MISSING` without busboy.
 * @example
 * app
 *   .use(multipart({ fileBytes: 5_000_000 }))
 *   .post('/photos', { bodyLimitBytes: 20_000_000 }, async (c) => {
 *     for await (const part of c.multipart.parts()) {
 *       if (part.kind === 'file') await part.saveTo(join(folder, randomUUID()))
 *     }
 *     return c.empty()
 *   })
 */
export function multipart(
  options?: MultipartOptions,
): HttpMiddleware<{ readonly multipart: MultipartReader }> {
  const read = new OptionReader('multipart', 'MULTIPART_OPTIONS_INVALID', options, NAMES)
  const limits: Record<keyof MultipartLimits, number> = { ...DEFAULT_MULTIPART_LIMITS }
  for (const name of NAMES) limits[name] = read.integer(name, limits[name], 0, Number.MAX_SAFE_INTEGER - 1)
  const create = formParser()

  const middleware = defineMiddleware(['http'], (c: HttpContext, next: Next<Reply>) => {
    return next({ multipart: new MultipartReader(c as MultipartRequest, limits, create) })
  })
  return middleware
}
