import type { ForeignLog, Log } from './log.ts'

/** Gives a log without children its {@link Log}: the fields are merged into each line. */
export class BoundLog implements Log {
  readonly #log: ForeignLog
  readonly #fields: object

  constructor(log: ForeignLog, fields: object = {}) {
    this.#log = log
    this.#fields = fields
  }

  debug(first: object | string, message?: string): void {
    this.#log.debug?.(this.#merge(first), messageOf(first, message))
  }

  info(first: object | string, message?: string): void {
    this.#log.info(this.#merge(first), messageOf(first, message))
  }

  warn(first: object | string, message?: string): void {
    this.#log.warn(this.#merge(first), messageOf(first, message))
  }

  error(first: object | string, message?: string): void {
    this.#log.error(this.#merge(first), messageOf(first, message))
  }

  child(fields: object): BoundLog {
    return new BoundLog(this.#log, { ...this.#fields, ...fields })
  }

  #merge(first: object | string): object {
    if (typeof first === 'string') return this.#fields
    return first instanceof Error ? { ...this.#fields, error: first } : { ...this.#fields, ...first }
  }
}

function messageOf(first: object | string, message: string | undefined): string | undefined {
  if (typeof first === 'string') return first
  return message ?? (first instanceof Error ? first.message : undefined)
}
