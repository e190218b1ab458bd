import type { CompressionSettings } from './compression-options.ts'
import type { DeflateCodec } from './deflate-codec.ts'
import type { DeflateAgreement } from './deflate-offer.ts'

/** What the handshake decided about the compression of one socket, and what does the work. */
export interface CompressionSetup {
  readonly agreement: DeflateAgreement
  readonly settings: CompressionSettings
  readonly codec: DeflateCodec
}
