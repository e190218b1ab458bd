import { X509Certificate } from 'node:crypto'
import type { TlsOptions } from '../app/runtime-port.ts'
import { GoWebError } from '../errors/goweb-error.ts'

/**
 * Tells of certificates that no client would accept now, which in a running server can only be a mistake.
 *
 * @throws `OPTION_INVALID`
 */
export function assertValidNow({ hosts = {}, ...certificate }: TlsOptions): void {
  for (const [host, { cert }] of Object.entries({ '': certificate, ...hosts })) {
    const { validFrom, validTo } = new X509Certificate(pem(cert))
    const now = Date.now()
    if (now >= Date.parse(validFrom) && now <= Date.parse(validTo)) continue
    const whose = host === '' ? 'The certificate' : `The certificate of ${host}`
    throw new GoWebError(
      'OPTION_INVALID',
      `${whose} is valid from ${validFrom} to ${validTo}, which is not now`,
    )
  }
}

/** Node's types want buffers where it takes any bytes. */
export function pem(value: string | Uint8Array): string | Buffer {
  return typeof value === 'string' ? value : Buffer.from(value)
}
