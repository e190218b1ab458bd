import type { ErrorCode } from '../../errors/codes.ts'
import { GoWebError } from '../../errors/goweb-error.ts'

/** The codes that say that a middleware was constructed with wrong options. */
export type OptionsErrorCode = Extract<ErrorCode, `${string}_OPTIONS_INVALID`>

/**
 * Reads the options of a middleware once, when it is constructed.
 *
 * Callers without types and misspelt names get an error that names the option, what was expected and what came.
 */
export class OptionReader {
  readonly #owner: string
  readonly #code: OptionsErrorCode
  readonly #values: Readonly<Record<string, unknown>>

  constructor(owner: string, code: OptionsErrorCode, options: unknown, known: readonly string[]) {
    this.#owner = owner
    this.#code = code
    if (options === undefined) options = {}
    if (typeof options !== 'object' || options === null || Array.isArray(options)) {
      throw new GoWebError(code, `${owner}(): expected an object of options, got ${show(options)}`)
    }
    this.#values = options as Record<string, unknown>
    for (const name of Object.keys(options)) {
      if (!known.includes(name)) {
        throw new GoWebError(
          code,
          `${owner}(): unknown option ${show(name)}; the options are ${known.join(', ')}`,
        )
      }
    }
  }

  /** The option as it was given. */
  raw(name: string): unknown {
    return this.#values[name]
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.#values[name]
    if (value === undefined) return fallback
    if (typeof value !== 'boolean') this.refuse(name, 'true or false')
    return value
  }

  /** An integer within both limits. */
  integer(name: string, fallback: number, least: number, most: number): number {
    const value = this.#values[name]
    if (value === undefined) return fallback
    if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most) {
      this.refuse(name, `an integer from ${least} to ${most}`)
    }
    return value as number
  }

  oneOf<const T extends string | number>(name: string, fallback: T, allowed: readonly T[]): T {
    const value = this.#values[name]
    if (value === undefined) return fallback
    if (!allowed.includes(value as T)) this.refuse(name, `one of ${allowed.map(show).join(', ')}`)
    return value as T
  }

  /** Refuses an option that is neither absent nor a function. */
  checkFunction(name: string): void {
    const value = this.#values[name]
    if (value !== undefined && typeof value !== 'function') this.refuse(name, 'a function')
  }

  /** A list of strings that all match the pattern, or undefined when the option is absent; `what` is a plural. */
  strings(name: string, pattern: RegExp, what: string): readonly string[] | undefined {
    const value = this.#values[name]
    if (value === undefined) return undefined
    if (!Array.isArray(value)) this.refuse(name, `a list of ${what}`)
    for (const item of value as unknown[]) {
      if (typeof item !== 'string' || !pattern.test(item)) {
        this.refuse(name, `a list of ${what}`, `one item is ${show(item)}`)
      }
    }
    return [...(value as string[])]
  }

  /** Throws the error of a wrong option. */
  refuse(name: string, expected: string, came: string = `got ${show(this.#values[name])}`): never {
    throw new GoWebError(this.#code, `${this.#owner}({ ${name} }): expected ${expected}; ${came}`)
  }
}

/** A value as an error message shows it: short, on one line. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'an array'
  if (value instanceof RegExp) return String(value)
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
