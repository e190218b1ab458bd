import { hasForbiddenKey } from '../internal/forbidden-keys.ts'
import { isDeeperThan } from '../internal/json-depth.ts'
import { checkCommand } from './check-command.ts'
import type { Command } from './command.ts'
import { PROTOCOL_ERROR } from './error-codes.ts'
import type { ReplyError } from './reply.ts'

/** What one line of a client's frame turned out to be. */
export type ParsedLine =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'pong' }
  /** A command that cannot be carried out, but whose sender can be told. */
  | { readonly kind: 'refused'; readonly id: number; readonly error: ReplyError }
  /** Nothing that can be answered: the connection is to be ended. */
  | { readonly kind: 'broken'; readonly problem: string }

/** Deepest nesting of a command: its own three levels, and the data's. */
export const MAX_COMMAND_DEPTH = 64

const PONG: ParsedLine = { kind: 'pong' }

/**
 * Reads one line of a client's frame: a command, or the pong `{}`.
 *
 * Every field has been checked when a command comes out; unknown fields are left alone, as other versions of the protocol may have them.
 * Never throws.
 *
 * @param line one JSON text.
 */
export function parseCommand(line: string): ParsedLine {
  if (line === '{}') return PONG
  if (isDeeperThan(line, MAX_COMMAND_DEPTH)) return broken('nested too deeply')
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return broken('not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return broken('not an object')
  if (hasForbiddenKey(line, value)) return broken('a key that could change prototypes')
  const { id = 0 } = value as { id?: unknown }
  if (!isId(id)) return broken('the id is no whole number')
  const problem = checkCommand(value)
  if (problem === undefined) {
    const command = value as Command // checkCommand has looked at every field.
    if (id === 0 && command.send === undefined) return broken('a command without id')
    return { kind: 'command', command }
  }
  if (Object.keys(value).length === 0) return PONG
  if (id === 0) return broken(problem)
  if (problem === 'unknown') return { kind: 'refused', id, error: PROTOCOL_ERROR.METHOD_NOT_FOUND }
  return { kind: 'refused', id, error: { ...PROTOCOL_ERROR.BAD_REQUEST, message: `bad request: ${problem}` } }
}

function broken(problem: string): ParsedLine {
  return { kind: 'broken', problem }
}

function isId(id: unknown): id is number {
  // uint32 in the schema that the protocol is defined by.
  return typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= 0xffffffff
}
