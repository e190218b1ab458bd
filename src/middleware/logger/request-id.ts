// What proxies and tracing tools make: UUIDs, ULIDs, traceparent, X-Amzn-Trace-Id; nothing that quotes, spaces or controls.
const SHAPE = /^[\w.:@=+/;-]{1,200}$/

/** The id that a request came with, if it is fit to be logged and sent back. */
export function acceptedRequestId(value: string | undefined): string | undefined {
  return value !== undefined && SHAPE.test(value) ? value : undefined
}
