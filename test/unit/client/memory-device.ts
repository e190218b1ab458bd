import type {
  OutboxDevice,
  OutboxPages,
  OutboxRows,
  PageEvents,
  RowChanges,
} from '../../../src/client/outbox-device.ts'
import type { OutboxRow } from '../../../src/client/outbox-row.ts'

/** What a device with several pages keeps, in memory: one operation after the other, as they were asked for. */
export class MemoryDevice {
  /** By id; also what is no row. */
  readonly rows = new Map<string, unknown>()
  readonly pages = new Map<string, DevicePage>()
  /** Transactions that wrote something. */
  writes = 0
  /** Makes what happens to rows fail. */
  fault: ((operation: string, changes?: RowChanges) => void) | undefined
  /** How long it takes; twice for each operation, before and after. */
  delay: (() => Promise<void>) | undefined
  /** Whether pages hear each other. */
  isQuiet = false
  readonly #ends = new Map<string, (() => void)[]>()
  #last: Promise<void> = Promise.resolve()
  #gate: Promise<void> | undefined
  #openGate: () => void = () => {}

  /** A page of this device. */
  page(): DevicePage {
    return new DevicePage(this)
  }

  /** Lets what is written from now on wait. */
  hold(): void {
    this.#gate = new Promise((resolve) => (this.#openGate = resolve))
  }

  release(): void {
    this.#gate = undefined
    this.#openGate()
  }

  get gate(): Promise<void> | undefined {
    return this.#gate
  }

  /** Rows that are whole, in order. */
  get queue(): OutboxRow[] {
    return ([...this.rows.values()] as OutboxRow[]).toSorted((a, b) => a.order - b.order)
  }

  /** Waits for the operations before this one. @returns a function that lets the next begin. */
  async turn(): Promise<() => void> {
    const before = this.#last
    let finish = (): void => {}
    this.#last = new Promise((resolve) => (finish = resolve))
    await before
    return finish
  }

  enter(id: string, page: DevicePage): void {
    this.pages.set(id, page)
  }

  leave(id: string): void {
    if (!this.pages.delete(id)) return
    const waiting = this.#ends.get(id) ?? []
    this.#ends.delete(id)
    for (const wake of waiting) wake()
  }

  ended(id: string): Promise<void> {
    if (!this.pages.has(id)) return Promise.resolve()
    return new Promise((resolve) => this.#ends.set(id, [...(this.#ends.get(id) ?? []), resolve]))
  }
}

/** One page: everything ends with {@link crash}, in whatever state it is. */
export class DevicePage implements OutboxDevice {
  readonly device: MemoryDevice
  events: PageEvents | undefined
  user: string | undefined
  #id: string | undefined
  #isDead = false
  /** Given to `open` instead of the rows. */
  opening: Promise<OutboxRows> | undefined

  constructor(device: MemoryDevice) {
    this.device = device
  }

  /** The page is gone: nothing that it has not done yet is done. */
  crash(): void {
    this.#isDead = true
    if (this.#id !== undefined) this.device.leave(this.#id)
  }

  async open(): Promise<OutboxRows> {
    if (this.opening) return await this.opening
    this.device.fault?.('open')
    return this.rows()
  }

  rows(): OutboxRows {
    const { device } = this
    return {
      revise: (user, decide) =>
        this.#do('revise', () => {
          for (const [id, row] of device.rows) {
            if ((row as OutboxRow).user === user) replace(device.rows, id, decide(row))
          }
        }),
      write: (changes) =>
        this.#do(
          'write',
          () => {
            device.writes++
            const missing = new Set<string>()
            for (const row of changes.added) device.rows.set(row.id, structuredClone(row))
            for (const id of changes.removed) device.rows.delete(id)
            for (const row of changes.changed) {
              const found = device.rows.get(row.id) as OutboxRow | undefined
              if (found?.owner === row.owner) device.rows.set(row.id, structuredClone(row))
              else missing.add(row.id)
            }
            return missing
          },
          changes,
        ),
      deleteExpired: (nowMs, isKept) =>
        this.#do('deleteExpired', () => {
          for (const [id, row] of device.rows as Map<string, OutboxRow>) {
            if (row.expiresAtMs <= nowMs && !isKept(row)) device.rows.delete(id)
          }
        }),
      deleteAll: (user) =>
        this.#do('deleteAll', () => {
          for (const [id, row] of device.rows) if ((row as OutboxRow).user === user) device.rows.delete(id)
        }),
      close: () => {},
    }
  }

  async join(user: string, id: string, events: PageEvents): Promise<OutboxPages> {
    const { device } = this
    this.#id = id
    this.events = events
    this.user = user
    device.enter(id, this)
    const pages = (): [string, DevicePage][] => [...device.pages].filter(([, page]) => page.user === user)
    const others = (): DevicePage[] =>
      pages()
        .map(([, page]) => page)
        .filter((page) => page !== this)
    for (const page of others()) page.#hear(() => page.events?.onPage(id))
    return {
      living: async () =>
        new Set(
          pages()
            .map(([other]) => other)
            .filter((other) => other !== id),
        ),
      afterEnd: async (page, action) => {
        await device.ended(page)
        if (device.pages.has(id)) await action()
      },
      tellCleared: () => {
        if (device.isQuiet) return
        for (const page of others()) page.#hear(() => page.events?.onCleared())
      },
      leave: () => device.leave(id),
    }
  }

  #hear(tell: () => void): void {
    queueMicrotask(() => !this.#isDead && tell())
  }

  async #do<T>(operation: string, work: () => T, changes?: RowChanges): Promise<T> {
    const { device } = this
    const finish = await device.turn()
    try {
      await device.delay?.()
      if (operation === 'write') await device.gate
      if (this.#isDead) return await never(finish)
      device.fault?.(operation, changes)
      const result = work()
      await device.delay?.()
      return this.#isDead ? await never(finish) : result
    } finally {
      finish()
    }
  }
}

function replace(rows: Map<string, unknown>, id: string, row: unknown): void {
  if (row === undefined) rows.delete(id)
  else rows.set(id, row)
}

/** The page is dead, which keeps nobody else from going on. */
function never(goOn: () => void): Promise<never> {
  goOn()
  return new Promise(() => {})
}
