import type { FakeClient } from '../fake-client.ts'
import { FakeNode, type FakeNodeOptions } from '../fake-node.ts'
import type { Json } from '../../../../src/protocol/json.ts'
import type { Publication } from '../../../../src/protocol/publication.ts'
import type { Reply } from '../../../../src/protocol/reply.ts'

/** A value of a key, as its publication's data. */
export interface Priced {
  readonly key: string
  readonly n: number
}

/** A node with `latest` channels: data has its key, and what is published as `{ key, n: null }` takes it away. */
export function latestNode(options: FakeNodeOptions = {}): FakeNode {
  const fake = new FakeNode(options)
  fake.app.onPublish = ({ data, event }) => {
    const { key } = data as unknown as Priced // As the tests publish.
    return { data, event, key }
  }
  return fake
}

/** Publishes values from the server's side. */
export async function publishAll(
  { node }: FakeNode,
  channel: string,
  values: readonly (readonly [key: string, n: number])[],
): Promise<void> {
  for (const [key, n] of values) {
    const data: Json = { key, n }
    await node.api.publish(channel, data, { key })
  }
}

/** Keys and numbers of publications, `-` for a removed key. */
export function shortOf(publications: readonly Publication[] = []): string[] {
  return publications.map(({ key, removed, data }) => {
    return removed === true ? `-${key}` : `${key}${(data as unknown as Priced).n}`
  })
}

/** What a client was pushed, in short; `end N` for the end of a snapshot. */
export function pushesOf(client: FakeClient): string[] {
  return client.pushes.flatMap(({ pub, snapshot, unsubscribe }) => {
    if (unsubscribe !== undefined) return [`unsubscribed ${unsubscribe.code}`]
    if (snapshot !== undefined) return [`end ${snapshot.offset}`]
    return pub === undefined ? [] : shortOf([pub])
  })
}

/** A subscribe reply in short. */
export function replyOf({ subscribe }: Reply): object {
  const { publications, offset, recovered, snapshot } = subscribe ?? {}
  return { has: shortOf(publications), offset, recovered, snapshot }
}
