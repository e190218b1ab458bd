/** Most commands in one frame; servers limit both. */
const MAX_COMMANDS = 32
/** A frame that is longer than this takes no further command. */
const MAX_CHARACTERS = 16_384

/** Gathers the commands of a turn into few frames: one command a line. */
export class FrameWriter {
  readonly #send: (frame: string) => void
  #lines: string[] = []

  constructor(send: (frame: string) => void) {
    this.#send = send
  }

  write(line: string): void {
    if (this.#lines.push(line) === 1) queueMicrotask(() => this.#flush())
  }

  /** Forgets what has not been sent. */
  clear(): void {
    this.#lines.length = 0
  }

  #flush(): void {
    const lines = this.#lines
    this.#lines = []
    let frame: string[] = []
    let length = 0
    for (const line of lines) {
      if (frame.length === MAX_COMMANDS || length + line.length > MAX_CHARACTERS) {
        if (frame.length > 0) this.#send(frame.join('\n'))
        frame = []
        length = 0
      }
      frame.push(line)
      length += line.length
    }
    if (frame.length > 0) this.#send(frame.join('\n'))
  }
}
