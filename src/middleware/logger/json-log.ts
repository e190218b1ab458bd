import { BoundedJson, quote } from './bounded-json.ts'
import type { Log, LogLevel } from './log.ts'
import type { Redaction } from './redaction.ts'
import type { LineDestination } from './stdout-lines.ts'

/** The levels a log can be set to; `silent` writes nothing. */
export const LEVELS = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 } as const

/** What all children of a {@link JsonLog} share. */
export interface JsonLogSettings {
  readonly destination: LineDestination
  readonly redaction: Redaction
  /** Lines below it are not written. */
  readonly level: keyof typeof LEVELS
}

/** Writes lines of JSON: `level`, `time` (ISO 8601, UTC), the fields, `msg`. */
export class JsonLog implements Log {
  readonly #settings: JsonLogSettings
  readonly #fields: object
  /** The fields as JSON, made once for all lines. */
  #prefix: string | undefined

  constructor(settings: JsonLogSettings, fields: object = {}) {
    this.#settings = settings
    this.#fields = fields
  }

  debug(first: object | string, message?: string): void {
    this.#write('debug', first, message)
  }

  info(first: object | string, message?: string): void {
    this.#write('info', first, message)
  }

  warn(first: object | string, message?: string): void {
    this.#write('warn', first, message)
  }

  error(first: object | string, message?: string): void {
    this.#write('error', first, message)
  }

  child(fields: object): JsonLog {
    return new JsonLog(this.#settings, { ...this.#fields, ...fields })
  }

  #write(level: LogLevel, first: object | string, message: string | undefined): void {
    const { destination, redaction } = this.#settings
    if (LEVELS[level] < LEVELS[this.#settings.level]) return
    this.#prefix ??= new BoundedJson(redaction).members(this.#fields, isOwnName)
    let fields = ''
    // Callers without types may give anything.
    let text: unknown = message
    if (typeof first === 'string') text = first
    else if (first instanceof Error) {
      fields = this.#members({ error: first })
      text ??= first.message
    } else if (typeof first === 'object' && first !== null) fields = this.#members(first)
    const end = typeof text === 'string' ? `,"msg":${quote(text)}` : ''
    destination.write(`{"level":"${level}","time":"${now()}"${this.#prefix}${fields}${end}}\n`)
  }

  #members(fields: object): string {
    const isTaken = (name: string): boolean => isOwnName(name) || Object.hasOwn(this.#fields, name)
    return new BoundedJson(this.#settings.redaction).members(fields, isTaken)
  }
}

function isOwnName(name: string): boolean {
  return name === 'level' || name === 'time' || name === 'msg'
}

let lastMs = 0
let lastTime = ''

/** The time in ISO 8601; many lines share a millisecond. */
function now(): string {
  const ms = Date.now()
  if (ms !== lastMs) {
    lastMs = ms
    lastTime = new Date(ms).toISOString()
  }
  return lastTime
}
