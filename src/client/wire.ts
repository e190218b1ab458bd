import type { Reply, ReplyError } from '../protocol/reply.ts'
import { ClientError } from './client-error.ts'
import type { ClientSettings } from './client-settings.ts'

/** Instead of a reply: the connection was lost before it came. Servers use codes from 100 on. */
export const LOST: ReplyError = { code: 1, message: 'The connection was lost' }
/** Instead of a reply: it did not come in time. */
export const TIMED_OUT: ReplyError = {
  code: 2,
  message: 'The server did not answer in time',
  temporary: true,
}

/** What channels and calls see of the connection. */
export interface Wire {
  readonly settings: ClientSettings
  readonly isConnected: boolean
  /** Why nothing can be asked: there is no connection and none will come. */
  readonly ending: ClientError | undefined
  /**
   * Sends a command; those of one turn leave together, in order.
   *
   * The reply arrives before anything that the server sent after it is looked at: hence no promise. It comes once, perhaps as `LOST` or `TIMED_OUT`.
   *
   * @param body encoded JSON.
   * @param timeoutMs after which it is `TIMED_OUT`. Default: the settings'.
   * @returns the id of the command.
   */
  request(method: string, body: string, onReply: (reply: Reply) => void, timeoutMs?: number): number
}

/** What the application sees of an error reply. */
export function refusal(error: ReplyError): ClientError {
  return error === TIMED_OUT
    ? new ClientError('TIMEOUT', error.message)
    : new ClientError('REFUSED', error.message, error)
}
