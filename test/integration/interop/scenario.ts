/** What of the standard WebSocket the scenarios use. */
export interface StandardSocket {
  binaryType: string
  readonly protocol: string
  send(message: string | ArrayBuffer): void
  close(code?: number, reason?: string): void
  addEventListener(kind: 'open' | 'error', listener: () => void): void
  addEventListener(kind: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(kind: 'close', listener: (event: SeenEnd) => void): void
}

/** A class of such sockets. */
export type SocketClass = new (url: string, protocols?: string[]) => StandardSocket

/** How a connection ended, as a client sees it. */
export interface SeenEnd {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
}

/** What a client saw. */
export interface Seen {
  /** For each message that was sent: its kind, its length, and whether it came back as it was. */
  readonly echoes: readonly string[]
  readonly first: unknown
  readonly protocol: string
  readonly pong: unknown
  readonly ends: Readonly<Record<string, SeenEnd>>
  /** Paths that did not open. */
  readonly refused: readonly string[]
}

/**
 * What every client sees that keeps to the standard.
 *
 * The server answers a close with its code alone (RFC 6455 section 5.5.1), so the client sees no reason of its own.
 */
export const EXPECTED: Seen = {
  echoes: [
    'text 13 same',
    'text 0 same',
    'text 1048576 same',
    'binary 256 same',
    'binary 0 same',
    'binary 1048576 same',
  ],
  first: 'first',
  protocol: 'v2.chat',
  pong: 'pong abc',
  ends: {
    // Bun's engine repeats the reason.
    byClient: { code: 3001, reason: process.versions['bun'] === undefined ? '' : 'tschüß', wasClean: true },
    byClientWithoutCode: { code: 1005, reason: '', wasClean: true },
    byServer: { code: 4010, reason: 'genug – 够了', wasClean: true },
    byServerWithoutReason: { code: 1000, reason: '', wasClean: true },
  },
  refused: ['/guarded', '/missing'],
}

/**
 * Tries everything that a standard WebSocket can do.
 *
 * Stands alone: browsers get its source. `Socket` is the global one where it is absent.
 */
export async function runScenario({ base, tag, Socket }: Visit): Promise<Seen> {
  const Client: SocketClass = Socket ?? globalThis.WebSocket

  const open = (path: string, protocols?: string[]) => {
    const socket = new Client(base + path, protocols)
    socket.binaryType = 'arraybuffer'
    const queue: unknown[] = []
    let wake = (): void => {}
    socket.addEventListener('message', ({ data }) => {
      queue.push(data)
      wake()
    })
    const end = new Promise<SeenEnd>((resolve) => {
      socket.addEventListener('close', ({ code, reason, wasClean }) => resolve({ code, reason, wasClean }))
    })
    const opened = new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', resolve)
      // Of a connection that never opened, the WebSocket of Node 22 tells the error but not the close.
      socket.addEventListener('error', () => reject(new Error(`${path} failed`)))
      void end.then(({ code }) => reject(new Error(`${path} ended with ${code}`)))
    })
    opened.catch(() => {}) // Some are refused on purpose.
    const next = async (): Promise<unknown> => {
      while (queue.length === 0) {
        const lost = end.then(({ code }) => {
          if (queue.length === 0) throw new Error(`${path} ended with ${code}`)
          return undefined
        })
        await Promise.race([new Promise<void>((resolve) => (wake = resolve)), lost])
      }
      return queue.shift()
    }
    return { socket, opened, end, next }
  }

  const echo = open('/echo')
  await echo.opened
  const bytes = Uint8Array.from({ length: 1_048_576 }, (_, index) => index % 251)
  const sent = [
    'héllo 👋 wörld'.slice(0, 13),
    '',
    'x'.repeat(1_048_576),
    Uint8Array.from({ length: 256 }, (_, index) => index).buffer,
    new ArrayBuffer(0),
    bytes.buffer,
  ]
  for (const message of sent) echo.socket.send(message)
  const echoes: string[] = []
  for (const message of sent) {
    const back = await echo.next()
    if (typeof back === 'string') {
      echoes.push(`text ${back.length} ${back === message ? 'same' : 'changed'}`)
    } else {
      const [a, b] = [new Uint8Array(back as ArrayBuffer), new Uint8Array(message as ArrayBuffer)]
      const isSame = a.length === b.length && a.every((byte, index) => byte === b[index])
      echoes.push(`binary ${a.length} ${isSame ? 'same' : 'changed'}`)
    }
  }
  echo.socket.close()

  const first = await open('/first').next()
  const protocols = open('/protocols', ['v1.chat', 'other', 'v2.chat'])
  const protocol = await protocols.next()
  const pings = open('/pings')
  await pings.opened
  pings.socket.send('ping me')
  const pong = await pings.next()

  const closing = async (kind: string, act: (socket: StandardSocket) => void): Promise<SeenEnd> => {
    const { socket, opened, end } = open(`/closes/${tag}-${kind}`)
    await opened
    act(socket)
    return end
  }
  const ends = {
    byClient: await closing('byClient', (socket) => socket.close(3001, 'tschüß')),
    byClientWithoutCode: await closing('byClientWithoutCode', (socket) => socket.close()),
    byServer: await closing('byServer', (socket) => socket.send('[4010,"genug – 够了"]')),
    byServerWithoutReason: await closing('byServerWithoutReason', (socket) => socket.send('[]')),
  }
  const refused: string[] = []
  for (const path of ['/guarded', '/missing']) {
    await open(path).opened.catch(() => refused.push(path))
  }
  return {
    echoes,
    first,
    protocol: protocol === protocols.socket.protocol ? protocol : '',
    pong,
    ends,
    refused,
  }
}

/**
 * Joins the topic, says its name when all are there, and resolves with what came until everybody has spoken.
 *
 * Stands alone: browsers get its source.
 */
export async function joinTopic({
  base,
  tag,
  size,
  Socket,
}: Visit & { readonly size: number }): Promise<string[]> {
  const Client: SocketClass = Socket ?? globalThis.WebSocket
  const socket = new Client(`${base}/topic`)
  const received: string[] = []
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('close', ({ code }) => reject(new Error(`/topic ended with ${code}`)))
    socket.addEventListener('message', ({ data }) => {
      if (data === 'go') return socket.send(tag)
      received.push(String(data))
      return received.length === size ? resolve() : undefined
    })
  })
  socket.close()
  return received
}

/** Where a scenario goes, and who goes there. */
export interface Visit {
  /** Such as `ws://localhost:8080`. */
  readonly base: string
  /** Name of the client. */
  readonly tag: string
  readonly Socket?: SocketClass
}
