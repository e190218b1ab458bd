import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceOnce } from './replace-once.ts'

/** The file that people are told to use. */
const FILE = join(import.meta.dirname, '../../../deploy/nginx.conf')

/** What a test puts in the place of what is of one machine. */
export interface NginxConfigOptions {
  readonly upstreams: readonly string[]
  readonly port: number
  /** Where requests are sent on to https from. */
  readonly redirectPort: number
  /** Where nginx may write. */
  readonly folder: string
  /** PEM files. Without them clients come without TLS. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined
  /** Directives that are in the file once, with another value. */
  readonly directives?: Readonly<Record<string, string>> | undefined
}

/** `deploy/nginx.conf` for one test: other addresses and files, and what only root may do left out. */
export function nginxConfig(options: NginxConfigOptions): string {
  const { folder, port, redirectPort, tls } = options
  let text = readFileSync(FILE, 'utf8')
  const set = (name: string, value: string): void => {
    text = replaceOnce(text, new RegExp(String.raw`^(?<indent> *)${name} [^;]*;`), `${name} ${value};`)
  }
  set('user', execFileSync('id', ['-un'], { encoding: 'utf8' }).trim())
  set('pid', `${folder}/nginx.pid`)
  set('error_log', 'stderr notice')
  set('access_log', 'off')
  set('server_name', 'localhost')
  text = replaceOnce(text, 'listen 80 default_server;', `listen 127.0.0.1:${redirectPort} default_server;`)
  text = replaceOnce(text, 'return 308 https://$host$', `return 308 https://$host:${port}$`)
  text = replaceOnce(text, /^ *listen \[::\]:80 .*\n/, '')
  text = replaceOnce(text, /^ *listen \[::\]:443 .*\n/, '')
  text = replaceOnce(text, 'listen 443 ssl http2;', `listen 127.0.0.1:${port}${tls ? ' ssl http2' : ''};`)
  if (tls === undefined) text = text.replaceAll(/^ *ssl_.*\n/gm, '')
  else {
    set('ssl_certificate', tls.certFile)
    set('ssl_certificate_key', tls.keyFile)
  }
  const servers = options.upstreams.map((upstream) => `server ${upstream};`).join(' ')
  text = replaceOnce(text, 'server 127.0.0.1:8080;', servers)
  // Where these are is decided when nginx is built, for root.
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const paths = temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')
  text = replaceOnce(text, /^http \{/, `http { ${paths}`)
  for (const [name, value] of Object.entries(options.directives ?? {})) set(name, value)
  return text
}
