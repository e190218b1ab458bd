import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A certificate for `localhost` that nobody signed, made for one run. */
export class Certificate {
  readonly cert: string
  readonly key: string
  /** Where the certificate is, for programs that take a file. */
  readonly file: string
  readonly #folder: string

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'goweb-interop-'))
    this.file = join(this.#folder, 'cert.pem')
    const keyFile = join(this.#folder, 'key.pem')
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    execFileSync('openssl', ['req', '-x509', ...kind, ...names, '-keyout', keyFile, '-out', this.file], {
      stdio: 'ignore',
    })
    this.cert = readFileSync(this.file, 'utf8')
    this.key = readFileSync(keyFile, 'utf8')
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
