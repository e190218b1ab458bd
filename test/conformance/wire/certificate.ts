import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A key and the certificate for `localhost` that it signed itself, as PEM text. */
export interface TestCertificate {
  readonly cert: string
  readonly key: string
}

/** Makes a certificate with the system's openssl; `passphrase` encrypts the key. */
export function makeCertificate(passphrase?: string): TestCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'goweb-tls-'))
  const key = join(folder, 'key.pem')
  const cert = join(folder, 'cert.pem')
  const encryption = passphrase === undefined ? ['-nodes'] : ['-passout', `pass:${passphrase}`]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  try {
    execFileSync(
      'openssl',
      ['req', '-x509', ...curve, ...encryption, '-keyout', key, '-out', cert, '-days', '2', ...names],
      {
        stdio: 'pipe',
      },
    )
    return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
