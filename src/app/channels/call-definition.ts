import type { SchemaInput, SchemaOutput, StandardSchema } from '../../internal/standard-schema.ts'
import type { MaybePromise } from '../route-types.ts'

/** Schemas and promises of a call. */
export interface CallOptions {
  /** Schema of what the caller sends. Without, the handler gets any JSON, or undefined. */
  readonly input?: StandardSchema
  /** Schema of what is answered; what does not fit is an internal error, `RESPONSE_INVALID`. */
  readonly output?: StandardSchema
  /** Whether calling twice does no more than calling once, so that clients may repeat a call whose answer was lost. Default: false. */
  readonly idempotent?: boolean
}

/** What the handler of a call gets. */
export type CallInput<Options> = Options extends { readonly input: infer Schema extends StandardSchema }
  ? SchemaOutput<Schema>
  : unknown

/** What the handler of a call may return. */
export type CallResult<Options> = Options extends { readonly output: infer Schema extends StandardSchema }
  ? MaybePromise<SchemaInput<Schema>>
  : unknown

/** What a caller sends. */
export type CallSent<Options> = Options extends { readonly input: infer Schema extends StandardSchema }
  ? SchemaInput<Schema>
  : unknown

/** What a caller gets. */
export type CallAnswer<Options, Result> = Options extends {
  readonly output: infer Schema extends StandardSchema
}
  ? SchemaOutput<Schema>
  : Awaited<Result>
