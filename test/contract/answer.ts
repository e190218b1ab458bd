const decoder = new TextDecoder()

/** An answer as its client sees it, body included. */
export class Answer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array

  constructor(status: number, headers: Headers, bytes: Uint8Array) {
    this.status = status
    this.headers = headers
    this.bytes = bytes
  }

  get type(): string | null {
    return this.headers.get('content-type')
  }

  get text(): string {
    return decoder.decode(this.bytes)
  }

  get json(): unknown {
    return JSON.parse(this.text)
  }

  /** The members of a problem answer that do not depend on wording. */
  get problem(): { type: string | null; status: unknown; code: unknown } {
    const { status, code } = this.json as { status?: unknown; code?: unknown }
    return { type: this.type, status, code }
  }
}

/** What {@link Answer.problem} is for a code. */
export function problemOf(code: string, status: number): Answer['problem'] {
  return { type: 'application/problem+json', status, code }
}
