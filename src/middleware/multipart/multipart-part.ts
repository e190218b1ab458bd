import { open, unlink } from 'node:fs/promises'
import { GoWebError } from '../../errors/goweb-error.ts'
import { iterableToStream } from '../../http/body-stream.ts'

/** A text field of a form. */
export interface MultipartField {
  readonly kind: 'field'
  /** As sent; may be `__proto__`, so keep it in a Map. */
  readonly name: string
  readonly value: string
}

/** How a file is fed by the parser, and asks it for more. */
export interface FileFeed {
  readonly file: MultipartFile
  push(chunk: Uint8Array): void
  end(): void
  fail(error: unknown): void
  /** Drops what is left; reading it afterwards is an error. */
  pass(): void
  readonly isEnded: boolean
}

/**
 * A file of a form, read as it arrives: iterate over it, or use one of its methods, before asking for the next part.
 *
 * Reading rejects with `MULTIPART_FILE_TOO_LARGE` beyond the limit, `BODY_ABORTED` when the client leaves, `BODY_TOO_LARGE` when the
 * whole form is over the limit of the route, `MULTIPART_INVALID`, and `BODY_ALREADY_READ` when it was read or passed over.
 */
export class MultipartFile implements AsyncIterable<Uint8Array> {
  readonly kind = 'file'
  /** Name of the form's field, as sent; may be `__proto__`, so keep it in a Map. */
  readonly name: string
  /** The client's name for the file, made safe as a name in a directory; `''` when there is none. */
  readonly filename: string
  /** Media type that the client says it has; not checked. */
  readonly type: string
  readonly #more: () => Promise<void>
  #chunks: Uint8Array[] = []
  #isEnded = false
  #isTaken = false
  #isPassed = false
  #isDropping = false
  #failure: { readonly error: unknown } | undefined

  /** For the parser. */
  constructor(name: string, filename: string, type: string, more: () => Promise<void>) {
    this.name = name
    this.filename = filename
    this.type = type
    this.#more = more
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    if (this.#isTaken) throw alreadyRead()
    this.#isTaken = true
    try {
      for (;;) {
        const chunk = this.#chunks.shift()
        if (chunk !== undefined) yield chunk
        else if (this.#failure !== undefined) throw this.#failure.error
        else if (this.#isPassed) throw alreadyRead()
        else if (this.#isEnded) return
        else await this.#more()
      }
    } finally {
      this.#drop()
    }
  }

  /** The file as a stream. */
  stream(): ReadableStream<Uint8Array> {
    return iterableToStream(this)
  }

  /** The whole file in memory. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of this) {
      chunks.push(chunk)
      length += chunk.byteLength
    }
    const bytes = new Uint8Array(length)
    let offset = 0
    for (const chunk of chunks) {
      bytes.set(chunk, offset)
      offset += chunk.byteLength
    }
    return bytes
  }

  /** The whole file as text, taken as UTF-8. */
  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes())
  }

  /**
   * Writes the file to a path that does not exist yet, readable by this user only, and removes it again when it fails.
   *
   * @returns its size in bytes.
   */
  async saveTo(path: string): Promise<number> {
    const handle = await open(path, 'wx', 0o600)
    let size = 0
    let isComplete = false
    try {
      for await (const chunk of this) {
        await handle.writeFile(chunk)
        size += chunk.byteLength
      }
      isComplete = true
    } finally {
      await handle.close()
      // What failed before counts more than a file that cannot be removed.
      if (!isComplete) await unlink(path).catch(() => undefined)
    }
    return size
  }

  #drop(): void {
    this.#isDropping = true
    this.#chunks = []
  }

  /** For the parser: a file and the way to feed it. */
  static create(name: string, filename: string, type: string, more: () => Promise<void>): FileFeed {
    const file = new MultipartFile(name, filename, type, more)
    return {
      file,
      push: (chunk) => {
        if (!file.#isDropping) file.#chunks.push(chunk)
      },
      end: () => {
        file.#isEnded = true
      },
      fail: (error) => {
        file.#failure ??= { error }
      },
      pass: () => {
        file.#isPassed = true
        file.#drop()
      },
      get isEnded() {
        return file.#isEnded
      },
    }
  }
}

function alreadyRead(): GoWebError {
  return new GoWebError(
    'BODY_ALREADY_READ',
    'The file was read or passed over; read it once, before asking for the next part',
  )
}

/** A field or a file of a form. */
export type MultipartPart = MultipartField | MultipartFile
