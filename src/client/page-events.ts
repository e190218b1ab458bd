interface Target {
  addEventListener?(name: string, listener: () => void): void
  removeEventListener?(name: string, listener: () => void): void
}

/**
 * Listens to what a page hears of its network and its visibility; nothing where there is no page.
 *
 * @param onWake the network is back, or the page is seen again: time to try.
 * @param onOffline the network is gone: what is open is dead.
 * @returns a function that ends it.
 */
export function watchPage(onWake: () => void, onOffline: () => void): () => void {
  const page = globalThis as Target & { readonly document?: Target & { readonly visibilityState: string } }
  const { document } = page
  const onVisible = (): void => {
    if (document?.visibilityState === 'visible') onWake()
  }
  page.addEventListener?.('online', onWake)
  page.addEventListener?.('offline', onOffline)
  document?.addEventListener?.('visibilitychange', onVisible)
  return () => {
    page.removeEventListener?.('online', onWake)
    page.removeEventListener?.('offline', onOffline)
    document?.removeEventListener?.('visibilitychange', onVisible)
  }
}
