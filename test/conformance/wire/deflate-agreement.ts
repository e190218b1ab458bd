/** An offer of permessage-deflate (RFC 7692 section 7.1). */
export interface DeflateOffer {
  readonly serverNoContextTakeover: boolean
  readonly serverMaxWindowBits?: number
}

/** What a server agreed to. */
export interface DeflateAgreement {
  readonly hasServerTakeover: boolean
  readonly hasClientTakeover: boolean
  readonly serverWindowBits: number
  readonly clientWindowBits: number
}

/** The header of offers in their order; each tells that the client can do without takeover and can limit its window. */
export function offerHeader(offers: readonly DeflateOffer[]): string {
  return `Sec-WebSocket-Extensions: ${offers.map(showOffer).join(', ')}`
}

/** An offer as the header has it. */
export function showOffer({ serverNoContextTakeover, serverMaxWindowBits }: DeflateOffer): string {
  const parts = ['permessage-deflate', 'client_no_context_takeover', 'client_max_window_bits']
  if (serverNoContextTakeover) parts.push('server_no_context_takeover')
  if (serverMaxWindowBits !== undefined) parts.push(`server_max_window_bits=${serverMaxWindowBits}`)
  return parts.join('; ')
}

/**
 * Reads the answer to an offer that a server has to accept as it is (RFC 7692 section 7.1).
 *
 * @throws when it is not exactly one permessage-deflate, has a parameter twice, unknown or with a bad value, or lacks what was asked for.
 */
export function readAgreement(header: string | undefined, offer: DeflateOffer): DeflateAgreement {
  const fail = (problem: string): never => {
    throw new Error(`${problem}: ${header} answers ${showOffer(offer)}`)
  }
  if (header === undefined) return fail('The offer was declined')
  const [name, ...rest] = header.split(';').map((part) => part.trim())
  if (name !== 'permessage-deflate') fail('Not permessage-deflate alone')
  const parameters = new Map<string, string | undefined>()
  for (const part of rest) {
    const [key, value] = part.split('=') as [string, string | undefined]
    if (parameters.has(key)) fail(`${key} twice`)
    const isFlag = key === 'server_no_context_takeover' || key === 'client_no_context_takeover'
    const isBits = key === 'server_max_window_bits' || key === 'client_max_window_bits'
    if (!(isFlag && value === undefined) && !(isBits && /^(?:[89]|1[0-5])$/.test(value ?? '')))
      fail(`Not a parameter: ${part}`)
    parameters.set(key, value)
  }
  const serverWindowBits = Number(parameters.get('server_max_window_bits') ?? 15)
  const hasServerTakeover = !parameters.has('server_no_context_takeover')
  if (offer.serverNoContextTakeover && hasServerTakeover) fail('The server keeps its context')
  if (offer.serverMaxWindowBits !== undefined) {
    if (!parameters.has('server_max_window_bits') || serverWindowBits > offer.serverMaxWindowBits)
      fail('The window of the server is too large')
  }
  return {
    hasServerTakeover,
    hasClientTakeover: !parameters.has('client_no_context_takeover'),
    serverWindowBits,
    clientWindowBits: Number(parameters.get('client_max_window_bits') ?? 15),
  }
}
