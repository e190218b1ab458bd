import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { unusedPort } from '../browser/unused-port.ts'
import { nginxConfig, type NginxConfigOptions } from './nginx-config.ts'
import { RunningProxy, type ProcessOptions, type ProxyOptions } from './running-proxy.ts'

/** Programs of administrators are not in everybody's path. */
const ENV = { PATH: `${process.env['PATH']}:/usr/sbin:/usr/local/sbin` }

/** Options of {@link NginxProcess}. */
export interface NginxOptions extends ProxyOptions, Pick<NginxConfigOptions, 'tls' | 'directives'> {}

/** An nginx of its own for a test. */
export class NginxProcess extends RunningProxy {
  readonly redirectPort: number
  readonly #folder: string
  readonly #options: NginxOptions

  private constructor(
    folder: string,
    options: NginxOptions,
    process: ProcessOptions & { redirectPort: number },
  ) {
    super('nginx', [...argumentsFor(folder), '-g', 'daemon off;'], process)
    this.#folder = folder
    this.#options = options
    this.redirectPort = process.redirectPort
  }

  static async start(options: NginxOptions): Promise<NginxProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'goweb-nginx-'))
    const port = options.port ?? (await unusedPort())
    const redirectPort = await unusedPort()
    writeFileSync(join(folder, 'nginx.conf'), nginxConfig({ ...options, folder, port, redirectPort }))
    const cleanUp = (): void => rmSync(folder, { recursive: true, force: true })
    const nginx = new NginxProcess(folder, options, { port, redirectPort, cleanUp, env: ENV })
    // It listens before it starts those who accept.
    return nginx.ready(/start worker processes/)
  }

  /** `nginx -s reload`: new workers with new directives; the old ones go on with the connections that they have. */
  async reload(directives: NginxOptions['directives'] = this.#options.directives): Promise<void> {
    const { port, redirectPort } = this
    const config = nginxConfig({ ...this.#options, directives, folder: this.#folder, port, redirectPort })
    writeFileSync(join(this.#folder, 'nginx.conf'), config)
    await promisify(execFile)('nginx', [...argumentsFor(this.#folder), '-s', 'reload'], {
      env: { ...process.env, ...ENV },
    })
    await this.says(/start worker processes/)
    await this.says(/gracefully shutting down/)
  }
}

function argumentsFor(folder: string): string[] {
  return ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')]
}
