/** An error as plain data: what it is, what it says, where it was thrown and what led to it. */
export interface ErrorDescription {
  readonly type: string
  readonly message: string
  readonly code?: string | number
  readonly status?: number
  readonly stack?: string
  readonly cause?: unknown
  readonly errors?: readonly unknown[]
}

const MAX_DESCRIBED = 10

/**
 * Describes an error, but not the errors inside it.
 *
 * Only these properties are taken: others (of an HTTP client's error, say) hold whole requests with their headers.
 */
export function describeError(error: Error): ErrorDescription {
  // Any property of an error may be overwritten with anything.
  const { name, message, code, status, stack, cause, errors } = error as unknown as Readonly<
    Record<string, unknown>
  >
  return {
    type: typeof name === 'string' ? name : 'Error',
    message: typeof message === 'string' ? message : '',
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(typeof status === 'number' && { status }),
    ...(typeof stack === 'string' && { stack }),
    ...(cause !== undefined && { cause }),
    ...(Array.isArray(errors) && { errors }),
  }
}

/** Describes an error with those inside it, ten at most, for loggers that know no errors; never throws. */
export function describeErrors(error: unknown): unknown {
  let left = MAX_DESCRIBED
  const describe = (value: unknown): unknown => {
    if (!(value instanceof Error)) return value
    if (left-- <= 0) return '[more errors]'
    const { cause, errors, ...own } = describeError(value)
    return {
      ...own,
      ...(cause !== undefined && { cause: describe(cause) }),
      ...(errors !== undefined && { errors: errors.slice(0, MAX_DESCRIBED).map(describe) }),
    }
  }
  try {
    return describe(error)
  } catch {
    return '[unreadable error]'
  }
}
