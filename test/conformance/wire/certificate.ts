import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A key and the certificate for `localhost` that it signed itself, as PEM text. */
export interface TestCertificate {
  readonly cert: string
  readonly key: string
}

/** How a certificate is made. */
export interface CertificateSetup {
  /** Encrypts the key. */
  readonly passphrase?: string
  /** Its host. Default: `localhost`, and 127.0.0.1. */
  readonly host?: string
  /** Whether its time is over. */
  readonly isExpired?: boolean
}

/** Makes a certificate with the system's openssl. */
export function makeCertificate(setup: CertificateSetup = {}): TestCertificate {
  const { passphrase, host = 'localhost', isExpired = false } = setup
  const folder = mkdtempSync(join(tmpdir(), 'goweb-tls-'))
  const [key, cert, request] = ['key.pem', 'cert.pem', 'request.pem'].map((name) => join(folder, name))
  const run = (...args: string[]): unknown => execFileSync('openssl', args, { stdio: 'pipe' })
  const encryption = passphrase === undefined ? ['-nodes'] : ['-passout', `pass:${passphrase}`]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  const address = host === 'localhost' ? ',IP:127.0.0.1' : ''
  const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}${address}`]
  try {
    if (isExpired) {
      run('req', '-new', ...curve, ...encryption, '-keyout', key!, '-out', request!, ...names)
      run('x509', '-req', '-in', request!, '-signkey', key!, '-days', '-1', '-out', cert!)
    } else {
      run('req', '-x509', ...curve, ...encryption, '-keyout', key!, '-out', cert!, '-days', '2', ...names)
    }
    return { cert: readFileSync(cert!, 'utf8'), key: readFileSync(key!, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
