import type { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'

/** Pages of the write-ahead log after which a commit copies them into the file itself: 4 MB, and 16 MB where the thread has copied most of it before. */
const PAGES_ALONE = 1_000
const PAGES_TOGETHER = 4_000
/** Bytes that are stored before there is a thread, so that small apps have none, and between two of its turns. */
const START_BYTES = 8 * 1024 * 1024
const TURN_BYTES = 2 * 1024 * 1024

/** As a text, since bundlers would not find a file. */
const THREAD = `
process.emitWarning = () => {}
const { parentPort, workerData } = require('node:worker_threads')
const { DatabaseSync } = require('node:sqlite')
const db = new DatabaseSync(workerData)
db.exec('PRAGMA busy_timeout = 0; PRAGMA synchronous = NORMAL')
const checkpoint = db.prepare('PRAGMA wal_checkpoint(PASSIVE)')
parentPort.on('message', () => {
  try {
    checkpoint.get()
  } catch {}
  parentPort.postMessage('done')
})
parentPort.postMessage('done')
`

/**
 * Copies the write-ahead log into the file beside the event loop, which would have to wait for the disk.
 *
 * Alone it could not bound the log, which begins anew only when a writer finds all of it copied. So a commit that finds it long copies what is left, which is little. Where
 * there can be no thread, commits do all of it, more often.
 */
export class CheckpointThread {
  readonly #db: DatabaseSync
  readonly #file: string
  #worker: Worker | undefined
  #isBusy = true
  #hasBegun = false
  #hasFailed = false
  #bytes = 0

  constructor(db: DatabaseSync, file: string) {
    this.#db = db
    this.#file = file
    this.#setPages(PAGES_ALONE)
  }

  get isRunning(): boolean {
    return this.#worker !== undefined
  }

  /** So much was stored. */
  note(bytes: number): void {
    this.#bytes += bytes
    if (this.#worker === undefined) {
      if (this.#bytes >= START_BYTES && !this.#hasFailed) this.#start()
    } else if (!this.#isBusy && this.#bytes >= TURN_BYTES) {
      this.#bytes = 0
      this.#isBusy = true
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      this.#worker.postMessage('checkpoint')
    }
  }

  /** Ends the thread, before the file is closed. */
  async stop(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    this.#hasFailed = true
    await worker?.terminate()
  }

  #start(): void {
    const fail = (): void => {
      if (this.#hasFailed) return
      this.#hasFailed = true
      this.#worker = undefined
      this.#setPages(PAGES_ALONE)
    }
    try {
      const worker = new Worker(THREAD, { eval: true, workerData: this.#file })
      worker.unref()
      worker.on('error', fail)
      worker.on('exit', fail)
      worker.on('message', () => {
        if (this.#worker !== worker) return
        this.#isBusy = false
        if (this.#hasBegun) return
        this.#hasBegun = true
        this.#setPages(PAGES_TOGETHER)
      })
      this.#worker = worker
    } catch {
      fail()
    }
  }

  #setPages(pages: number): void {
    this.#db.exec(`PRAGMA wal_autocheckpoint = ${pages}`)
  }
}
