import type { CompressionSettings } from './compression-options.ts'
import type { ExtensionOffer } from './extension-header.ts'

/** What both sides agreed on for one connection (RFC 7692 section 7.1). */
export interface DeflateAgreement {
  /** Value of Sec-WebSocket-Extensions in the answer. */
  readonly response: string
  /** Whether messages to the client may refer to earlier ones. */
  readonly hasServerTakeover: boolean
  /** Whether messages of the client may refer to earlier ones. */
  readonly hasClientTakeover: boolean
  /** From 8 to 15. */
  readonly serverWindowBits: number
  /** From 8 to 15. */
  readonly clientWindowBits: number
}

/** An offer whose parameters are as they must be. */
interface DeflateOffer {
  readonly server_no_context_takeover: boolean
  readonly client_no_context_takeover: boolean
  /** Undefined when the client did not ask. */
  readonly server_max_window_bits: number | undefined
  /** 15 when the client only said that it can be limited; undefined when it cannot. */
  readonly client_max_window_bits: number | undefined
}

const NAME = 'permessage-deflate'
const MAX_WINDOW_BITS = 15
// No leading zeros (RFC 7692 section 7.1.2).
const WINDOW_BITS = /^(?:[89]|1[0-5])$/

/**
 * Accepts the first offer of permessage-deflate that can be accepted (RFC 7692 sections 5.1 and 7.1).
 *
 * An offer is declined when a parameter is unknown, repeated, or has a value that it must not have, and when it cannot be held to
 * `clientMaxWindowBits`.
 *
 * @param offers in the client's order of preference; other extensions are passed over.
 * @returns undefined when there is none: messages are not compressed then.
 */
export function acceptDeflateOffer(
  offers: readonly ExtensionOffer[],
  settings: CompressionSettings,
): DeflateAgreement | undefined {
  for (const { name, parameters } of offers) {
    if (name !== NAME) continue
    const offer = readOffer(parameters)
    const agreement = offer === undefined ? undefined : agree(offer, settings)
    if (agreement !== undefined) return agreement
  }
  return undefined
}

function agree(offer: DeflateOffer, settings: CompressionSettings): DeflateAgreement | undefined {
  const { server_max_window_bits: serverBits, client_max_window_bits: clientBits } = offer
  // Only a client that offered the parameter may be told a limit (section 7.1.2.2).
  if (clientBits === undefined && settings.clientMaxWindowBits < MAX_WINDOW_BITS) return undefined
  const serverWindowBits = Math.min(serverBits ?? MAX_WINDOW_BITS, settings.serverMaxWindowBits)
  const clientWindowBits = Math.min(clientBits ?? MAX_WINDOW_BITS, settings.clientMaxWindowBits)
  const hasServerTakeover = !offer.server_no_context_takeover && !settings.serverNoContextTakeover
  const hasClientTakeover = !offer.client_no_context_takeover && !settings.clientNoContextTakeover
  let response = NAME
  if (!hasServerTakeover) response += '; server_no_context_takeover'
  if (!hasClientTakeover) response += '; client_no_context_takeover'
  if (serverBits !== undefined || serverWindowBits < MAX_WINDOW_BITS) {
    response += `; server_max_window_bits=${serverWindowBits}`
  }
  if (clientWindowBits < MAX_WINDOW_BITS) response += `; client_max_window_bits=${clientWindowBits}`
  return { response, hasServerTakeover, hasClientTakeover, serverWindowBits, clientWindowBits }
}

function readOffer(parameters: ExtensionOffer['parameters']): DeflateOffer | undefined {
  const values = new Map(parameters)
  if (values.size < parameters.length) return undefined
  for (const [name, value] of values) if (!isValid(name, value)) return undefined
  const clientBits = values.get('client_max_window_bits')
  const serverBits = values.get('server_max_window_bits')
  return {
    server_no_context_takeover: values.has('server_no_context_takeover'),
    client_no_context_takeover: values.has('client_no_context_takeover'),
    server_max_window_bits: serverBits === undefined ? undefined : Number(serverBits),
    client_max_window_bits: values.has('client_max_window_bits')
      ? Number(clientBits ?? MAX_WINDOW_BITS)
      : undefined,
  }
}

function isValid(name: string, value: string | undefined): boolean {
  switch (name) {
    case 'server_no_context_takeover':
    case 'client_no_context_takeover':
      return value === undefined
    case 'server_max_window_bits':
      return value !== undefined && WINDOW_BITS.test(value)
    case 'client_max_window_bits':
      return value === undefined || WINDOW_BITS.test(value)
    default:
      return false
  }
}
