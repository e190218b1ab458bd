import { createHash } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import type { CertificateOptions, TlsOptions } from '../../app/runtime-port.ts'
import { pem } from '../certificate.ts'

/** The certificates of one server by host, each tried before it is used. */
export class TlsContexts {
  /** What hosts that are not named get: options of a TLS server, or of its `setSecureContext`. */
  readonly fallback: SecureContextOptions
  readonly #exact: Map<string, SecureContext> = new Map()
  /** By what is behind `*.`. */
  readonly #wildcards: Map<string, SecureContext> = new Map()

  /** @throws what is wrong with a certificate, key or passphrase. */
  constructor({ hosts = {}, ...certificate }: TlsOptions) {
    this.fallback = contextOptions(certificate)
    createSecureContext(this.fallback)
    for (const [host, options] of Object.entries(hosts)) {
      const context = createSecureContext(contextOptions(options))
      const name = host.toLowerCase()
      if (name.startsWith('*.')) this.#wildcards.set(name.slice(2), context)
      else this.#exact.set(name, context)
    }
  }

  /** The context of a host; undefined for the fallback. */
  find(serverName: string): SecureContext | undefined {
    const name = serverName.toLowerCase()
    const exact = this.#exact.get(name)
    if (exact !== undefined || this.#wildcards.size === 0) return exact
    const dot = name.indexOf('.')
    return dot > 0 ? this.#wildcards.get(name.slice(dot + 1)) : undefined
  }
}

function contextOptions({ cert, key, passphrase, ca }: CertificateOptions): SecureContextOptions {
  return {
    cert: pem(cert),
    key: pem(key),
    ...(passphrase !== undefined && { passphrase }),
    ...(ca !== undefined && { ca: pem(ca) }),
    // Without one, sessions of clients with certificates could not be resumed.
    sessionIdContext: createHash('sha256').update(pem(cert)).digest('hex').slice(0, 32),
  }
}
