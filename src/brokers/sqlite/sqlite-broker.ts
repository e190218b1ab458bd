import { isThenable } from '../../chain/compose.ts'
import type { Broker, BrokerListener, BrokerNode, MaybePromise } from '../../realtime/broker.ts'
import { EmbeddedNode } from '../embedded-node.ts'
import { acquireFileLock, type FileLock } from './file-lock.ts'
import { assertFolder } from './open-database.ts'
import { OpenFile, type SqliteParts } from './open-file.ts'
import { toBrokerError } from './sqlite-failure.ts'

/** Keeps channels in a file. See `sqliteBroker` for what that means. */
export class SqliteBroker implements Broker {
  readonly #parts: SqliteParts
  /** Undefined while no node is connected. */
  #opened: OpenFile | undefined
  #opening: Promise<OpenFile> | undefined

  constructor(parts: SqliteParts) {
    this.#parts = parts
  }

  connect(listener: BrokerListener): MaybePromise<BrokerNode> {
    const file = this.#opened ?? this.#opening ?? this.#open()
    return isThenable(file) ? file.then((opened) => this.#join(opened, listener)) : this.#join(file, listener)
  }

  #join(file: OpenFile, listener: BrokerListener): MaybePromise<BrokerNode> {
    // All nodes that waited with this one have left meanwhile.
    if (this.#opened !== file) return this.connect(listener)
    const node = new EmbeddedNode(file, listener, (leaving) => {
      if (file.nodes === 1) this.#opened = undefined
      return file.leave(leaving)
    })
    file.add(node)
    return node
  }

  #open(): MaybePromise<OpenFile> {
    const { file, lockTimeoutMs } = this.#parts
    assertFolder(file)
    const lock = acquireFileLock(file, lockTimeoutMs)
    const opened = isThenable(lock) ? lock.then((late) => this.#load(late)) : this.#load(lock)
    if (!isThenable(opened)) return (this.#opened = opened)
    this.#opening = (async () => {
      try {
        return (this.#opened = await opened)
      } finally {
        this.#opening = undefined
      }
    })()
    return this.#opening
  }

  #load(lock: FileLock): MaybePromise<OpenFile> {
    const fail = (error: unknown): never => {
      lock.release()
      throw toBrokerError(error, this.#parts.file)
    }
    try {
      const file = new OpenFile(this.#parts, lock)
      const loaded = file.load()
      return isThenable(loaded) ? loaded.then(() => file, fail) : file
    } catch (error) {
      return fail(error)
    }
  }
}
