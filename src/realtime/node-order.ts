import type { Json } from '../protocol/json.ts'

/** What one node asks all nodes to do with the connections of a user. */
export type NodeOrder =
  | { readonly do: 'disconnect'; readonly user: string; readonly code: number; readonly reason: string }
  | { readonly do: 'unsubscribe'; readonly user: string; readonly channel: string }
  | { readonly do: 'subscribe'; readonly user: string; readonly channel: string }
  | { readonly do: 'send'; readonly user: string; readonly data: Json }

/** Reads what another node wrote; undefined for orders that only newer nodes know. */
export function parseNodeOrder(payload: string): NodeOrder | undefined {
  const order = JSON.parse(payload) as NodeOrder // Written by a node of this app.
  const known: readonly string[] = ['disconnect', 'unsubscribe', 'subscribe', 'send']
  return known.includes(order.do) ? order : undefined
}
