/** How much a line matters, from least to most. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/**
 * A log: four levels, and children that say on each line what is known already.
 *
 * A line has fields and a message, a message alone, or an error (its message is the line's unless one is given).
 */
export interface Log {
  debug(message: string): void
  debug(fields: object, message?: string): void
  info(message: string): void
  info(fields: object, message?: string): void
  warn(message: string): void
  warn(fields: object, message?: string): void
  error(message: string): void
  error(fields: object, message?: string): void
  /** A log whose lines also have these fields. */
  child(fields: object): Log
}

/** A log of another kind, such as a pino instance or `console`. */
export interface ForeignLog {
  debug?(fields: object, message?: string): void
  info(fields: object, message?: string): void
  warn(fields: object, message?: string): void
  error(fields: object, message?: string): void
}

/** A {@link ForeignLog} that makes children, as pino does. */
export interface ForeignLogWithChildren extends ForeignLog {
  child(fields: object): unknown
}
