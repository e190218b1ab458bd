import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A network between pages and a server of this machine, which can lose bytes and break connections. */
export class CutProxy {
  readonly #server: Server
  readonly #url: string
  readonly #pairs = new Set<readonly [page: Socket, server: Socket]>()
  #loses: 'nothing' | 'requests' | 'answers' = 'nothing'
  #isDown = false

  private constructor(targetPort: number, url: string) {
    this.#url = url
    this.#server = createServer((page) => this.#join(page, connect(targetPort, 'localhost')))
  }

  /** @param url of the server, which is as safe through the proxy. */
  static async open(targetPort: number, url = 'http://localhost'): Promise<CutProxy> {
    const proxy = new CutProxy(targetPort, url)
    proxy.#server.listen(0, 'localhost')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get address(): string {
    return `${new URL(this.#url).protocol}//localhost:${(this.#server.address() as AddressInfo).port}`
  }

  /** What gets lost from now on, without anybody noticing. */
  lose(what: 'nothing' | 'requests' | 'answers'): void {
    this.#loses = what
  }

  /** Breaks all connections; new ones break too, until it is mended. */
  cut(): void {
    this.#isDown = true
    this.#breakAll()
  }

  /** Everything passes again. */
  mend(): void {
    this.#isDown = false
    this.#loses = 'nothing'
  }

  async close(): Promise<void> {
    this.#breakAll()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #breakAll(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
  }

  #join(page: Socket, server: Socket): void {
    const pair = [page, server] as const
    this.#pairs.add(pair)
    const end = (): void => {
      this.#pairs.delete(pair)
      for (const socket of pair) socket.destroy()
    }
    for (const socket of pair) socket.on('error', end).on('close', end)
    if (this.#isDown) return end()
    page.on('data', (bytes) => this.#loses !== 'requests' && server.write(bytes))
    server.on('data', (bytes) => this.#loses !== 'answers' && page.write(bytes))
  }
}
