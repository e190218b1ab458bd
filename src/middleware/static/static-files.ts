import { GoWebError } from '../../errors/goweb-error.ts'
import { locatedFileReply } from '../../http/file-reply.ts'
import type { HttpContext } from '../../http/http-context.ts'
import { locateFile, type LocatedFile } from '../../http/locate-file.ts'
import { mimeType } from '../../http/mime-types.ts'
import type { Reply } from '../../http/reply.ts'
import { EncodingChooser } from '../encoding/choose-encoding.ts'
import { isCompressibleType } from '../encoding/is-compressible-type.ts'
import { varyBy } from '../headers/answer-headers.ts'
import type { RequestTarget } from './request-target.ts'

/** Codings of files that are compressed beforehand. */
export type PrecompressedCoding = 'br' | 'zstd' | 'gzip'

/** The checked settings of {@link StaticFiles}. */
export interface StaticSettings {
  /** Absolute path of an existing directory. */
  readonly root: string
  readonly index: string | false
  /** The preferred first; empty for none. */
  readonly precompressed: readonly PrecompressedCoding[]
  readonly cacheControl: string
  readonly isImmutable: (path: string) => boolean
  readonly redirect: boolean
  readonly allowDotfiles: boolean
}

const EXTENSIONS: Readonly<Record<string, string>> = { br: '.br', zstd: '.zst', gzip: '.gz' }
const IMMUTABLE = 'public, max-age=31536000, immutable'

/** Answers with the files of one directory. */
export class StaticFiles {
  readonly #settings: StaticSettings
  readonly #encodings: EncodingChooser

  constructor(settings: StaticSettings) {
    this.#settings = settings
    this.#encodings = new EncodingChooser(settings.precompressed)
  }

  /** The file, the index of the directory or the way to it; undefined when there is nothing. */
  async reply(c: HttpContext, target: RequestTarget): Promise<Reply | undefined> {
    const { index, redirect } = this.#settings
    const { path, lastSegment } = target
    const found = await this.#locate(path)
    if (found?.kind === 'file') return this.#send(c, path, found)
    if (found === undefined || index === false) return undefined
    const directory = path === '' || path.endsWith('/') ? path : `${path}/`
    const page = await this.#locate(directory + index)
    if (page?.kind !== 'file') return undefined
    if (lastSegment === '') return this.#send(c, directory + index, page)
    // Relative, so that it holds behind a proxy that strips a prefix, and can lead to no other host.
    return redirect ? c.redirect(`./${lastSegment}/${c.url.search}`, 301) : undefined
  }

  /** A file by its path below the root, never from a cache without asking. */
  async page(c: HttpContext, path: string): Promise<Reply> {
    const found = await this.#locate(path)
    if (found?.kind !== 'file') throw new GoWebError('NOT_FOUND', 'There is no such file')
    return this.#send(c, path, found, 'no-cache')
  }

  #locate(path: string): Promise<LocatedFile | undefined> {
    const { root, allowDotfiles } = this.#settings
    return locateFile(path, { root, allowDotfiles })
  }

  async #send(
    c: HttpContext,
    path: string,
    located: LocatedFile,
    cacheControl: string = this.#settings.isImmutable(path) ? IMMUTABLE : this.#settings.cacheControl,
  ): Promise<Reply> {
    const type = mimeType(path) ?? 'application/octet-stream'
    const isNegotiated = this.#settings.precompressed.length > 0 && isCompressibleType(type)
    if (isNegotiated) {
      const encoded = await this.#sendEncoded(c, path, type, cacheControl)
      if (encoded !== undefined) return encoded
    }
    let file: LocatedFile | undefined = located
    // A file that is replaced between the look and the read is looked at again, once.
    for (let attempt = 0; attempt < 2 && file !== undefined; attempt++) {
      const reply = await locatedFileReply(c, file, { type, cacheControl })
      if (reply !== undefined) {
        if (isNegotiated) varyBy(c, reply, 'Accept-Encoding')
        return reply
      }
      file = await this.#locate(path)
    }
    throw new GoWebError('UNAVAILABLE', 'The file changes too fast to be sent')
  }

  async #sendEncoded(
    c: HttpContext,
    path: string,
    type: string,
    cacheControl: string,
  ): Promise<Reply | undefined> {
    for (const coding of this.#encodings.choose(c.header('accept-encoding')).codings) {
      const file = await this.#locate(`${path}${EXTENSIONS[coding]}`)
      if (file?.kind !== 'file') continue
      const reply = await locatedFileReply(c, file, { type, cacheControl })
      if (reply === undefined) continue
      if (reply.status !== 304) reply.headers.set('content-encoding', coding)
      varyBy(c, reply, 'Accept-Encoding')
      return reply
    }
    return undefined
  }
}
