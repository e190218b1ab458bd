import type { OutboxRow } from './outbox-row.ts'

/** Changes of rows that are made all or not at all. */
export interface RowChanges {
  readonly added: readonly OutboxRow[]
  /** Rows that are there already; only those that still have the same owner change. */
  readonly changed: readonly OutboxRow[]
  /** Ids of rows to delete. */
  readonly removed: readonly string[]
}

/**
 * The rows of all pages and users on a device; each method is one transaction.
 *
 * They reject when the device fails, and then have changed nothing.
 */
export interface OutboxRows {
  /**
   * Goes through the rows of a user, whatever they look like.
   *
   * @param decide gives the row back, gives one to put in its place, or undefined to delete it.
   */
  revise(user: string, decide: (row: unknown) => unknown): Promise<void>
  /** Resolves with the ids of rows that should have changed and are not there, or not the same owner's. */
  write(changes: RowChanges): Promise<ReadonlySet<string>>
  /** Deletes what has expired, whoever it is of. @param isKept leaves a row all the same. */
  deleteExpired(nowMs: number, isKept: (row: unknown) => boolean): Promise<void>
  /** Deletes all rows of a user. */
  deleteAll(user: string): Promise<void>
  close(): void
}

/** The pages of a user that are open on a device. */
export interface OutboxPages {
  /** Ids of the others that live now. */
  living(): Promise<ReadonlySet<string>>
  /**
   * Runs an action when a page lives no more, for one of those who ask at a time.
   *
   * Resolves afterwards, or when this page has left.
   */
  afterEnd(page: string, action: () => Promise<void>): Promise<void>
  /** Tells the others that rows were deleted. */
  tellCleared(): void
  /** This page lives no more: others may take over what it has. */
  leave(): void
}

/** What a page tells the others. */
export interface PageEvents {
  /** Another page has come. */
  onPage(page: string): void
  /** Another page has deleted all rows of the user. */
  onCleared(): void
}

/** Where a persistent outbox lives: a browser, or a test's idea of one. */
export interface OutboxDevice {
  /** Opens the rows. */
  open(): Promise<OutboxRows>
  /** Counts a page as living, until it leaves, is closed, reloaded or crashes. */
  join(user: string, page: string, events: PageEvents): Promise<OutboxPages>
}
