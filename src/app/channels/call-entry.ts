import type { CallOptions } from './call-definition.ts'

/** A call as it was defined, before any chain is put around it. */
export interface CallEntry {
  readonly kind: 'call'
  readonly name: string
  readonly options: CallOptions
  readonly handler: (c: never, input: unknown) => unknown
}
