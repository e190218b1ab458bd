import { encodePublication } from '../protocol/encode-reply.ts'

/** A publication as brokers keep it, and its place. */
interface Placed {
  readonly payload: string
  readonly offset: number
}

/** Publications as a JSON array, each with its offset. */
export function encodePublications(publications: readonly Placed[]): string {
  let text = '['
  let separator = ''
  for (const { payload, offset } of publications) {
    text += separator + encodePublication(payload, offset)
    separator = ','
  }
  return `${text}]`
}

/** How many of the publications, from the first, have so many bytes together. */
export function countWithin(publications: readonly Placed[], maxBytes: number): number {
  let left = maxBytes
  for (let i = 0; i < publications.length; i++) {
    left -= Buffer.byteLength(publications[i]!.payload)
    if (left < 0) return i
  }
  return publications.length
}
