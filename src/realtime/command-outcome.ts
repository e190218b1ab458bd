import { encodeErrorReply } from '../protocol/encode-reply.ts'
import type { ReplyError } from '../protocol/reply.ts'
import type { MaybePromise } from './broker.ts'

/** A reply after which more is to happen at once. */
export interface StagedReply {
  /** Makes the text, when it is to be sent and not earlier. */
  text(): string
  /** After the text has been sent. */
  afterwards(): void
  /** Instead of both, when nobody waits for it any more. */
  abandon(): void
}

/** A publish that a broker with `keepsPublishOrder` is storing: the next one to its channel need not wait for it. */
export interface StoringReply {
  readonly stored: Promise<unknown>
  /** The reply when it was stored. */
  text(): string
  /** It was not. */
  failed(error: unknown): void
  /** Nobody waits for it any more: what names it as the one before it is refused. */
  giveUp(): void
}

/** What a command ends with: the text of its reply, or undefined where there is none. */
export type CommandOutcome = string | undefined | StagedReply | StoringReply

/** A command that is under way answers with a promise. */
export type CommandRun = MaybePromise<CommandOutcome>

export function isStoring(run: CommandRun): run is StoringReply {
  return typeof run === 'object' && 'stored' in run
}

/** Nobody waits for a command's outcome. */
export function abandonOutcome(outcome: CommandOutcome): void {
  if (typeof outcome !== 'object') return
  if (isStoring(outcome)) outcome.giveUp()
  else outcome.abandon()
}

/** The outcome of a command that was refused. */
export function refuse(id: number, error: ReplyError, problem?: string): string {
  return encodeErrorReply(id, problem === undefined ? error : { ...error, message: problem })
}
