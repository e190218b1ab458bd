/** How long the server waits for headers. */
export const HEADERS_TIMEOUT_MS = 3_000
/** Bytes that may wait for a subscriber. */
export const MAX_BACKPRESSURE_BYTES = 262_144
/** Messages that one request for a round publishes. */
export const ROUND_MESSAGES = 16
/** Characters of each. */
export const MESSAGE_CHARACTERS = 16_000
