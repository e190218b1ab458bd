import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unusedPort } from '../browser/unused-port.ts'
import { replaceOnce } from './replace-once.ts'
import { RunningProxy, type ProxyOptions } from './running-proxy.ts'

/** The file that people are told to use. */
const FILE = join(import.meta.dirname, '../../../deploy/Caddyfile')

/** Starts a Caddy of its own for a test: `deploy/Caddyfile` with other addresses, without TLS and its interface for administrators. */
export async function startCaddy({ upstreams, port: wanted }: ProxyOptions): Promise<RunningProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'goweb-caddy-'))
  const port = wanted ?? (await unusedPort())
  let text = readFileSync(FILE, 'utf8')
  text = replaceOnce(text, /^example\.com \{$/, `{\n\tadmin off\n}\n\nhttp://:${port} {\n\tbind 127.0.0.1`)
  const servers = upstreams.map((upstream) => upstream.replace(/^unix:/, 'unix/'))
  text = replaceOnce(text, 'reverse_proxy 127.0.0.1:8080 {', `reverse_proxy ${servers.join(' ')} {`)
  const file = join(folder, 'Caddyfile')
  writeFileSync(file, text)
  const caddy = new RunningProxy('caddy', ['run', '--adapter', 'caddyfile', '--config', file], {
    port,
    // Where it keeps certificates and what it ran last.
    env: { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, HOME: folder },
    cleanUp: () => rmSync(folder, { recursive: true, force: true }),
  })
  return caddy.ready(/serving initial configuration/)
}
