import { isThenable, type Run } from '../../chain/compose.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import type { RunningCommand } from './running-command.ts'

/** A scope as far as errors go. */
export interface ErrorScope {
  readonly errorHandler: ((error: unknown, c: never) => unknown) | undefined
}

/** Errors that a handler has taken: they are told to the client and no more reported. */
const HANDLED = new WeakSet<object>()

/** Whether an error handler said that it took this error. */
export function isHandled(error: unknown): boolean {
  return typeof error === 'object' && error !== null && HANDLED.has(error)
}

/**
 * Runs a command through its chain; what it throws passes the error handlers of its scopes, innermost first, as errors of requests do.
 *
 * A handler that throws changes the error, one that returns something has taken it. The client is told of the error either way.
 */
export function runCommand<Command extends RunningCommand>(
  run: Run<Command>,
  c: Command,
  scopes: readonly ErrorScope[],
): unknown {
  try {
    const result = run(c)
    if (!isThenable(result) || !hasHandler(scopes)) return result
    return result.then(undefined, (error: unknown) => passHandlers(error, c, scopes))
  } catch (error) {
    if (!hasHandler(scopes)) throw error
    return passHandlers(error, c, scopes)
  }
}

function hasHandler(scopes: readonly ErrorScope[]): boolean {
  return scopes.some(({ errorHandler }) => errorHandler !== undefined)
}

async function passHandlers(
  thrown: unknown,
  c: RunningCommand,
  scopes: readonly ErrorScope[],
): Promise<never> {
  let error = thrown
  for (const { errorHandler } of scopes.toReversed()) {
    if (errorHandler === undefined) continue
    try {
      const answer = await errorHandler(error, c as never) // The contexts that ErrorHandler names.
      if (answer === undefined) continue
    } catch (next) {
      error = next
      continue
    }
    const taken = error instanceof Error ? error : new GoWebError('INTERNAL', String(error))
    HANDLED.add(taken)
    throw taken
  }
  throw error
}
