import type { DeflateOffer } from '../wire/deflate-agreement.ts'

/**
 * A case of messages that must come back as they were, one after the other.
 *
 * The client sends the next message when the one before has come back, and closes with 1000 after the last. Payloads are made when the case runs:
 * together they are too large to be kept.
 */
export interface EchoCase {
  /** Number of the case in the Autobahn testsuite. */
  readonly id: string
  readonly isText: boolean
  readonly payloadBytes: number
  /** How many messages the testsuite sends. */
  readonly messages: number
  /** Messages are sent in fragments of so many octets, the last one perhaps shorter; in one frame when it is left out. */
  readonly fragmentBytes?: number
  /** How many octets reach the server at a time; all of them when it is left out. */
  readonly chopBytes?: number
  /** permessage-deflate is offered like this, and the first offer must be accepted. */
  readonly offers?: readonly DeflateOffer[]
  /** The payload of a message. */
  payload(index: number): Buffer
}

/** A group of cases that differ in size only. */
export interface EchoGroup {
  /** Its number in the Autobahn testsuite. */
  readonly id: string
  readonly title: string
  readonly cases: readonly EchoCase[]
}

/** What a case sends, in words. */
export function describeEcho(row: EchoCase): string {
  const { messages, isText, payloadBytes, fragmentBytes, chopBytes } = row
  const type = isText ? 'text' : 'binary'
  const what = messages === 1 ? `A ${type} message` : `${messages} ${type} messages`
  const parts = [`${what} of ${showSize(payloadBytes)}`]
  if (fragmentBytes !== undefined) parts.push(`in fragments of ${showSize(fragmentBytes)}`)
  if (chopBytes !== undefined) parts.push(`in pieces of ${showSize(chopBytes)}`)
  return parts.join(', ')
}

function showSize(bytes: number): string {
  if (bytes >= 1_048_576 && bytes % 1_048_576 === 0) return `${bytes / 1_048_576} MiB`
  if (bytes >= 1024 && bytes % 1024 === 0) return `${bytes / 1024} KiB`
  return `${bytes} octets`
}
