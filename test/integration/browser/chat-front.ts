import { NginxProcess } from '../proxies/nginx-process.ts'

/** What pages of a chat server see of it. */
export interface ChatFront {
  readonly port: number
  readonly close: () => Promise<void>
}

/** The chat's server as browsers see it: itself, or with `CHAT_PROXY=nginx` an nginx in front of it, which outlives it. */
export async function chatFront(port: number): Promise<ChatFront> {
  const proxy = process.env['CHAT_PROXY'] ?? ''
  if (proxy === '') return { port, close: () => Promise.resolve() }
  if (proxy !== 'nginx') throw new Error(`CHAT_PROXY: expected nginx or nothing, got ${proxy}`)
  const nginx = await NginxProcess.start({ upstreams: [`127.0.0.1:${port}`] })
  return { port: nginx.port, close: () => nginx.stop() }
}
