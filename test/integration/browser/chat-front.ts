import { join } from 'node:path'
import { Certificate } from '../interop/certificate.ts'
import { NginxProcess } from '../proxies/nginx-process.ts'

/** What pages of a chat server see of it. */
export interface ChatFront {
  readonly port: number
  readonly url: string
  readonly close: () => Promise<void>
}

/**
 * The chat's server as browsers see it: itself, or with `CHAT_PROXY=nginx` an nginx in front of it, which outlives it.
 * With `CHAT_PROXY=nginx-tls` browsers speak HTTP/2 with that, and HTTP/1.1 where it is about WebSockets.
 */
export async function chatFront(port: number): Promise<ChatFront> {
  const proxy = process.env['CHAT_PROXY'] ?? ''
  if (proxy === '') return { port, url: `http://localhost:${port}`, close: () => Promise.resolve() }
  const upstreams = [`127.0.0.1:${port}`]
  if (proxy === 'nginx') {
    const nginx = await NginxProcess.start({ upstreams })
    return { port: nginx.port, url: `http://localhost:${nginx.port}`, close: () => nginx.stop() }
  }
  if (proxy !== 'nginx-tls') throw new Error(`CHAT_PROXY: expected nginx or nginx-tls, got ${proxy}`)
  const certificate = new Certificate()
  const tls = { certFile: certificate.file, keyFile: join(certificate.file, '../key.pem') }
  const nginx = await NginxProcess.start({ upstreams, tls })
  const close = async (): Promise<void> => {
    await nginx.stop()
    certificate.remove()
  }
  return { port: nginx.port, url: `https://localhost:${nginx.port}`, close }
}
