import type { Kind } from '../chain/base-context.ts'
import type { Step } from '../chain/compose.ts'
import type { RequestContext } from '../http/request-context.ts'

/** A middleware with the kinds it runs for. */
export interface StepEntry {
  readonly step: Step<RequestContext>
  readonly kinds: readonly Kind[] | undefined
}

/** The middleware of a list that runs for a kind. */
export function stepsFor(entries: readonly StepEntry[], kind: Kind): Step<RequestContext>[] {
  return entries.filter(({ kinds }) => kinds === undefined || kinds.includes(kind)).map(({ step }) => step)
}
