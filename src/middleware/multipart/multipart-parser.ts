import { GoWebError } from '../../errors/goweb-error.ts'
import type { CreateFormParser, FileStream, FormParser } from './load-form-parser.ts'
import type { MultipartLimits } from './multipart-limits.ts'
import { MultipartFile, type FileFeed, type MultipartField, type MultipartPart } from './multipart-part.ts'
import { safeFilename } from './safe-filename.ts'

type Queued = { readonly field: MultipartField } | { readonly feed: FileFeed }

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }

/**
 * Parses one form, as fast as its parts are read.
 *
 * It reads a chunk of the body only when somebody waits for a part or for more of a file, so what is kept is at most what one
 * chunk holds. The first failure ends it: the parser and the body are given up, and it is told to all who read.
 */
export class MultipartParser implements AsyncIterableIterator<MultipartPart> {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #parser: FormParser
  readonly #limits: MultipartLimits
  readonly #queue: Queued[] = []
  /** The file that was handed out last. */
  #current: FileFeed | undefined
  /** The file that the parser is in. */
  #open: FileFeed | undefined
  #failure: { readonly error: unknown } | undefined
  #isFinished = false
  #parts = 0
  #step: Promise<void> | undefined
  #wake: (() => void) | undefined

  /** @param contentType a header with a boundary. */
  constructor(
    body: ReadableStream<Uint8Array>,
    contentType: string,
    limits: MultipartLimits,
    create: CreateFormParser,
  ) {
    this.#reader = body.getReader()
    this.#limits = limits
    try {
      this.#parser = create({
        headers: { 'content-type': contentType },
        // Browsers send names of files in UTF-8 (WHATWG HTML section 4.10.21.8).
        defParamCharset: 'utf8',
        // The parser calls a part that is exactly as long as its limit too long.
        limits: {
          fileSize: limits.fileBytes + 1,
          fieldSize: limits.fieldBytes + 1,
          files: limits.files,
          fields: limits.fields,
          parts: limits.parts + 1,
        },
      })
    } catch (cause) {
      this.#reader.cancel().catch(ignore)
      throw invalid('its Content-Type is malformed', cause)
    }
    this.#listen(this.#parser)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<MultipartPart, undefined>> {
    await this.#passCurrent()
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error
      const queued = this.#queue.shift()
      if (queued !== undefined) {
        if ('field' in queued) return { done: false, value: queued.field }
        this.#current = queued.feed
        return { done: false, value: queued.feed.file }
      }
      if (this.#isFinished) return DONE
      await this.#more()
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    if (!this.#isOver()) {
      this.#isFinished = true
      this.#current?.pass()
      this.#free()
    }
    return DONE
  }

  /** Gives up what is left because the request is over; who still reads is told so. */
  abandon(): void {
    this.#fail(new GoWebError('BODY_ABORTED', 'The request was answered before its form was read'))
  }

  async #passCurrent(): Promise<void> {
    const current = this.#current
    if (current === undefined) return
    this.#current = undefined
    current.pass()
    while (!current.isEnded && !this.#isFinished && this.#failure === undefined) await this.#more()
  }

  /** Lets the parser have another chunk; several who wait share it. */
  #more(): Promise<void> {
    this.#step ??= this.#advance()
    return this.#step
  }

  async #advance(): Promise<void> {
    try {
      const step = await this.#reader.read()
      if (this.#isOver()) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        if (step.done) this.#parser.end()
        else this.#parser.write(step.value, () => resolve())
      })
      // The parser's streams tell their data and ends in ticks that follow.
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#step = undefined
    }
  }

  #listen(parser: FormParser): void {
    parser.on('file', (name, stream, { filename, mimeType }) => {
      this.#addFile(name, stream, filename ?? '', mimeType)
    })
    parser.on('field', (name, value, { valueTruncated }) => this.#addField(name, value, valueTruncated))
    parser.on('filesLimit', () =>
      this.#fail(tooMany('MULTIPART_TOO_MANY_FILES', this.#limits.files, 'files')),
    )
    parser.on('fieldsLimit', () =>
      this.#fail(tooMany('MULTIPART_TOO_MANY_FIELDS', this.#limits.fields, 'fields')),
    )
    parser.on('partsLimit', () =>
      this.#fail(tooMany('MULTIPART_TOO_MANY_PARTS', this.#limits.parts, 'parts')),
    )
    parser.on('error', (cause) => this.#fail(invalid(cause.message.toLowerCase(), cause)))
    parser.on('close', () => {
      this.#isFinished = true
      this.#wake?.()
    })
  }

  #addField(name: string | undefined, value: string | undefined, isTruncated: boolean): void {
    const checked = this.#checkPart(name)
    if (checked === undefined) return
    const { fieldBytes } = this.#limits
    if (isTruncated) {
      const message = `A field of the form is longer than ${fieldBytes} bytes`
      this.#fail(new GoWebError('MULTIPART_FIELD_TOO_LARGE', message))
    } else if (value === undefined) this.#fail(invalid('a field has an unknown charset'))
    else this.#queue.push({ field: { kind: 'field', name: checked, value } })
  }

  #addFile(name: string | undefined, stream: FileStream, filename: string, type: string): void {
    stream.on('error', ignore) // The parser tells the reason itself.
    const checked = this.#checkPart(name)
    if (checked === undefined) return
    const feed = MultipartFile.create(checked, safeFilename(filename), type, () => this.#more())
    this.#open = feed
    this.#queue.push({ feed })
    stream.on('data', (chunk) => feed.push(chunk))
    stream.on('end', () => {
      if (this.#open === feed) this.#open = undefined
      feed.end()
    })
    stream.on('limit', () => {
      const message = `A file of the form is longer than ${this.#limits.fileBytes} bytes`
      this.#fail(new GoWebError('MULTIPART_FILE_TOO_LARGE', message))
    })
  }

  /** The name of a part that may be taken; undefined when the form has failed, by this part or before. */
  #checkPart(name: string | undefined): string | undefined {
    if (this.#isOver()) return undefined
    const { nameBytes, parts } = this.#limits
    if (++this.#parts > parts) this.#fail(tooMany('MULTIPART_TOO_MANY_PARTS', parts, 'parts'))
    else if (name === undefined || name === '') this.#fail(invalid('a part has no name'))
    else if (Buffer.byteLength(name) > nameBytes) {
      const message = `The name of a part is longer than ${nameBytes} bytes`
      this.#fail(new GoWebError('MULTIPART_FIELD_TOO_LARGE', message))
    } else return name
    return undefined
  }

  #fail(error: unknown): void {
    if (this.#isOver()) return
    this.#failure = { error }
    this.#current?.fail(error)
    this.#open?.fail(error)
    this.#free()
  }

  #isOver(): boolean {
    return this.#failure !== undefined || this.#isFinished
  }

  #free(): void {
    this.#queue.length = 0
    this.#reader.cancel().catch(ignore)
    this.#parser.destroy()
    this.#wake?.()
  }
}

function tooMany(
  code: 'MULTIPART_TOO_MANY_FILES' | 'MULTIPART_TOO_MANY_FIELDS' | 'MULTIPART_TOO_MANY_PARTS',
  limit: number,
  what: string,
): GoWebError {
  return new GoWebError(code, `The form has more than ${limit} ${what}`)
}

function invalid(why: string, cause?: unknown): GoWebError {
  return new GoWebError('MULTIPART_INVALID', `The multipart body is malformed: ${why}`, { cause })
}

function ignore(): void {}
