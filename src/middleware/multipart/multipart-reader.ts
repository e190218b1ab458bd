import { GoWebError } from '../../errors/goweb-error.ts'
import type { BodyReader } from '../../http/body-reader.ts'
import { parseMediaType } from '../../http/media-type.ts'
import type { CreateFormParser } from './load-form-parser.ts'
import type { MultipartLimits } from './multipart-limits.ts'
import { MultipartParser } from './multipart-parser.ts'
import type { MultipartPart } from './multipart-part.ts'

/** What a reader needs of a request; `c` is one. */
export interface MultipartRequest {
  header(name: string): string | undefined
  readonly body: Pick<BodyReader, 'stream'>
  after(callback: () => void): void
}

// RFC 2046 section 5.1.1: 1 to 70 characters.
const BOUNDARY = /;[ \t]*boundary=(?:"[^"]{1,70}"|[^\s;"]{1,70})[ \t]*(?:;|$)/i

/** Reads the form of one request; `c.multipart` of the `multipart` middleware. */
export class MultipartReader {
  readonly #request: MultipartRequest
  readonly #limits: MultipartLimits
  readonly #create: CreateFormParser

  constructor(request: MultipartRequest, limits: MultipartLimits, create: CreateFormParser) {
    this.#request = request
    this.#limits = limits
    this.#create = create
  }

  /**
   * The parts as they arrive, once; a file that is not read before the next part is asked for is dropped.
   *
   * Leaving the loop gives up the rest of the body. Nothing is read before the first part is asked for, and nothing is kept but what
   * one chunk of the body holds.
   *
   * @throws `MEDIA_TYPE_UNSUPPORTED` unless the body is `multipart/form-data`, `CONTENT_ENCODING_UNSUPPORTED`; then, from the
   * iterator, `MULTIPART_INVALID`, the `MULTIPART_…` code of the limit that was passed, `BODY_TOO_LARGE`, `BODY_ABORTED`,
   * `BODY_ALREADY_READ`.
   */
  parts(): AsyncIterableIterator<MultipartPart> {
    const contentType = this.#contentType()
    const parser = new MultipartParser(this.#request.body.stream(), contentType, this.#limits, this.#create)
    // A handler that forgets the iterator, or fails between two parts, must leave nothing behind.
    this.#request.after(() => parser.abandon())
    return parser
  }

  /**
   * The whole form in memory, as a standard `FormData`, its files as `File`; once.
   *
   * Names of files are made safe as in {@link parts}, and so are its errors.
   */
  async formData(): Promise<FormData> {
    const form = new FormData()
    for await (const part of this.parts()) {
      if (part.kind === 'field') form.append(part.name, part.value)
      else form.append(part.name, new File([await part.bytes()], part.filename, { type: part.type }))
    }
    return form
  }

  #contentType(): string {
    const header = this.#request.header('content-type') ?? ''
    const type = parseMediaType(header)
    if (type?.essence !== 'multipart/form-data') {
      const came = type === undefined ? 'without a valid Content-Type' : `as ${type.essence}`
      throw new GoWebError(
        'MEDIA_TYPE_UNSUPPORTED',
        `The body must be sent as multipart/form-data, but came ${came}`,
      )
    }
    const encoding = this.#request.header('content-encoding')
    if (encoding !== undefined && encoding !== '' && encoding.toLowerCase() !== 'identity') {
      throw new GoWebError('CONTENT_ENCODING_UNSUPPORTED', 'The body must not be compressed', {
        headers: { 'accept-encoding': 'identity' },
      })
    }
    if (!BOUNDARY.test(header)) {
      throw new GoWebError('MULTIPART_INVALID', 'The Content-Type must have a boundary of 1 to 70 characters')
    }
    return header
  }
}
