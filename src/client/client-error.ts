import type { InputIssue } from '../errors/goweb-error.ts'

/** What went wrong; `docs/client.md` says for each code what to do. */
export type ClientErrorCode =
  | 'CALL_OUTCOME_UNKNOWN'
  | 'CLOSED'
  | 'DISCONNECTED'
  | 'OPTION_INVALID'
  | 'OUTBOX_CLEARED'
  | 'OUTBOX_EXPIRED'
  | 'OUTBOX_FULL'
  | 'OUTBOX_STORAGE_FAILED'
  | 'PUBLISH_OUTCOME_UNKNOWN'
  | 'REFUSED'
  | 'TIMEOUT'
  | 'UNSUBSCRIBED'

/** What the server said of a {@link ClientError}. */
export interface ServerError {
  /** Number of the error reply, of the disconnect or of the unsubscription. */
  readonly code: number
  /** The code of the failure as `docs/errors.md` lists it. */
  readonly name?: string
  /** Everything that is wrong with the input. */
  readonly issues?: readonly InputIssue[]
}

/** The one error class of the client; `docs/client.md` lists its codes. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly code: ClientErrorCode
  /** What the server said, where it was the server. */
  readonly server: ServerError | undefined

  constructor(code: ClientErrorCode, message: string, server?: ServerError) {
    super(message)
    this.code = code
    this.server = server
  }
}
