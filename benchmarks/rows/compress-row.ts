import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { toDeflatedFrame } from '../generator/to-deflated-frame.ts'
import type { ServerProcess } from '../peers/server-process.ts'
import { loadRow } from './load-row.ts'
import type { Row } from './row.ts'

const MESSAGE_BYTES = 1_024
const MESSAGES = 64
const EXTENSION = 'permessage-deflate'
const PATH = '/echo'

/** Echo with permessage-deflate (RFC 7692). */
export const COMPRESS_ROW: Row = {
  group: 'compress',
  title: 'Echo of 1 KiB JSON with permessage-deflate',
  async run(bench) {
    const folder = mkdtempSync(join(tmpdir(), 'goweb-bench-'))
    const frames = join(folder, 'frames.bin')
    const messages = makeMessages()
    writeFileSync(frames, Buffer.concat(messages.map(toDeflatedFrame)))
    const row = loadRow({
      id: 'compress',
      group: 'compress',
      title: 'Echo of 1 KiB JSON with permessage-deflate: 100 connections, one in flight',
      unit: 'messages/s',
      mode: 'echo',
      options: { connections: 100, path: PATH, extensions: EXTENSION, frames },
      peers: ['goweb', 'ws'],
      servers: {
        goweb: { file: 'goweb-deflate.ts' },
        ws: { file: 'ws.ts', arguments: ['--deflate'] },
      },
      goals: [{ peer: 'ws', factor: 1 }],
      notes: ['Answers are inflated and compared before the timing, and counted during it.'],
      prepare: (server) => verify(server, messages),
    })
    try {
      return await row.run(bench)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

/** Records as an API would send them, all different. */
function makeMessages(): string[] {
  return Array.from({ length: MESSAGES }, (_, i) => {
    const record = {
      id: 10_000 + i * 7919,
      user: { name: `user-${(i * 2654435761) % 1000}`, role: i % 3 === 0 ? 'admin' : 'member' },
      items: Array.from({ length: 8 }, (_, k) => ({
        sku: `SKU-${(i * 31 + k * 17) % 997}`,
        quantity: (i + k) % 9,
        price: ((i * 13 + k * 7) % 1000) / 10,
        tags: ['new', 'sale', 'stock'].slice(0, 1 + ((i + k) % 3)),
      })),
      note: '',
    }
    const missing = MESSAGE_BYTES - Buffer.byteLength(JSON.stringify(record))
    return JSON.stringify({ ...record, note: 'The quick brown fox. '.repeat(40).slice(0, missing) })
  })
}

async function verify(server: ServerProcess, messages: readonly string[]): Promise<string | undefined> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${PATH}`)
  await once(socket, 'open')
  try {
    if (!socket.extensions.includes(EXTENSION)) return 'it does not compress'
    const answers: string[] = []
    const isComplete = new Promise<void>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('the server closed the connection')))
      socket.on('message', (data: Buffer) => {
        if (answers.push(data.toString()) === messages.length) resolve()
      })
    })
    for (const message of messages) socket.send(message)
    await isComplete
    assert.deepEqual(answers, messages)
    return undefined
  } finally {
    socket.terminate()
  }
}
