import { BrowserPages, type LocksLike } from './browser-pages.ts'
import { ClientError } from './client-error.ts'
import type { IndexedDbLike } from './indexed-db-like.ts'
import { IndexedDbRows, type OutboxDurability } from './indexed-db-rows.ts'
import type { OutboxDevice, OutboxPages, PageEvents } from './outbox-device.ts'

/** What a browser has for it. */
interface BrowserGlobals {
  readonly indexedDB?: IndexedDbLike
  readonly navigator?: { readonly locks?: LocksLike }
}

/** The device that a browser runs on. @throws `OPTION_INVALID` where there is no browser. */
export function browserDevice(durability: OutboxDurability): OutboxDevice {
  const { indexedDB, navigator } = globalThis as unknown as BrowserGlobals
  if (indexedDB === undefined) {
    throw new ClientError(
      'OPTION_INVALID',
      'A persistent outbox needs a browser: there is no IndexedDB here. Leave the option outbox out',
    )
  }
  return {
    open: () => IndexedDbRows.open(indexedDB, durability),
    async join(user: string, page: string, events: PageEvents): Promise<OutboxPages> {
      const locks = navigator?.locks
      if (locks === undefined) {
        throw new ClientError('OPTION_INVALID', 'Web Locks exist on pages with TLS and on localhost only')
      }
      return await BrowserPages.join(locks, { user, page }, events)
    },
  }
}
