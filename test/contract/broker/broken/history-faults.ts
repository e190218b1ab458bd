import type { HistoryPage, StreamPosition } from '../../../../src/realtime/broker.ts'
import type { Interposer } from '../interpose.ts'
import { broken, FOREVER_MS, positionOf, type BrokenBroker } from './broken-broker.ts'

/** Lets a fault change the pages that a node reads. */
function changedPages(
  change: (page: HistoryPage, since: StreamPosition | undefined) => HistoryPage,
): () => Interposer {
  return () => ({
    node: (node) => ({
      async history(channel, options, limits) {
        return change(await node.history(channel, options, limits), options.since)
      },
    }),
  })
}

/** Shows one epoch whatever the real ones are. */
function withEpoch(shown: () => string): () => Interposer {
  return () => {
    const epoch = shown()
    const disguise = <T extends { readonly epoch: string }>(value: T): T => {
      return value.epoch === '' ? value : { ...value, epoch }
    }
    return {
      listener: (listener) => ({
        onPublication: (channel, publication) => listener.onPublication(channel, disguise(publication)),
      }),
      node: (node) => ({
        async publish(channel, payload, options) {
          return disguise(await node.publish(channel, payload, options))
        },
        async history(channel, options, limits) {
          const { position } = await node.history(channel, { limit: 0 }, limits)
          const { since } = options
          const real = since?.epoch === epoch ? { ...since, epoch: position.epoch } : since
          const page = await node.history(channel, { ...options, since: real }, limits)
          return { ...page, publications: page.publications.map(disguise), position: disguise(page.position) }
        },
      }),
    }
  }
}

/** Ways to answer wrongly what was published. */
export const HISTORY_FAULTS: readonly BrokenBroker[] = [
  broken(
    'history since a position includes the publication at it',
    'gives exactly what comes after each position',
    () => ({
      node: (node) => ({
        history: (channel, { since, ...rest }, limits) => {
          const before = since && {
            ...since,
            offset: Math.max(0, since.offset - (rest.reverse === true ? 0 : 1)),
          }
          return node.history(channel, { ...rest, since: before }, limits)
        },
      }),
    }),
  ),
  broken(
    'history since a position leaves out the first',
    'gives exactly what comes after each position',
    changedPages((page, since) =>
      since === undefined ? page : { ...page, publications: page.publications.slice(1) },
    ),
  ),
  broken(
    'reading in reverse includes the publication at the position',
    'gives exactly what comes before each position, newest first, when read in reverse',
    () => ({
      node: (node) => ({
        history: (channel, { since, ...rest }, limits) => {
          const next = since && { ...since, offset: since.offset + (rest.reverse === true ? 1 : 0) }
          return node.history(channel, { ...rest, since: next }, limits)
        },
      }),
    }),
  ),
  broken(
    'history does not have what was appended just now',
    'has each acknowledged publication in the history',
    changedPages((page) => ({
      ...page,
      publications: page.publications.filter(({ offset }) => offset !== page.position.offset),
    })),
  ),
  broken(
    'an epoch is used again after a restart',
    'has after a restart all that it acknowledged, or an epoch that was never used',
    withEpoch(() => 'one'),
  ),
  broken(
    'a removed channel keeps its epoch',
    'forgets a removed channel, which then has an epoch that was never used',
    withEpoch(() => `${Math.random()}`),
  ),
  broken(
    'history always says that it is complete',
    'keeps as many as the size says, and tells who needs more',
    changedPages((page) => ({ ...page, complete: true })),
  ),
  broken(
    'a position in the future counts as known',
    'is not complete since a position that is of another epoch or in the future',
    changedPages((page, since) =>
      since !== undefined && since.epoch === page.position.epoch && since.offset > page.position.offset
        ? { ...page, complete: true }
        : page,
    ),
  ),
  broken(
    'epochs are not compared',
    'is not complete since a position that is of another epoch or in the future',
    () => ({
      node: (node) => ({
        async history(channel, options, limits) {
          const { epoch } = await positionOf(node, channel)
          const since = options.since && { ...options.since, epoch }
          return await node.history(channel, { ...options, since }, limits)
        },
      }),
    }),
  ),
  broken(
    'history never says that a limit cut it off',
    'cuts pages at the limit, says so, and goes on from there in both directions',
    changedPages((page) => ({ ...page, hasMore: false })),
  ),
  broken(
    'the size of a history is ignored',
    'keeps as many as the size says, and tells who needs more',
    () => ({
      node: (node) => ({
        publish(channel, payload, options) {
          const history = options.history && { ...options.history, size: 1_000 }
          return node.publish(channel, payload, { ...options, ...(history && { history }) })
        },
        history: (channel, options, { ttlMs }) => node.history(channel, options, { size: 1_000, ttlMs }),
      }),
    }),
  ),
  broken(
    'limits of the reader are ignored',
    'never returns more than the reader’s limits allow, and tells who needs more',
    () => ({
      node: (node) => ({
        history: (channel, options) => node.history(channel, options, { size: 1_000, ttlMs: FOREVER_MS }),
      }),
    }),
  ),
  broken(
    'publications never expire',
    'forgets publications after their time, and tells who needs them; the position stays',
    () => ({
      node: (node) => ({
        publish(channel, payload, options) {
          const history = options.history && { ...options.history, ttlMs: FOREVER_MS }
          return node.publish(channel, payload, { ...options, ...(history && { history }) })
        },
        history: (channel, options, { size }) => node.history(channel, options, { size, ttlMs: FOREVER_MS }),
      }),
    }),
  ),
  broken(
    'the position goes with the last publication',
    'forgets publications after their time, and tells who needs them; the position stays',
    () => ({
      node: (node) => ({
        async history(channel, options, limits) {
          const all = await node.history(channel, { limit: 1 }, limits)
          const isForgotten = all.publications.length === 0 && all.position.offset > 0
          if (isForgotten) await node.remove(channel)
          return await node.history(channel, options, limits)
        },
      }),
    }),
  ),
  broken(
    'a position before the first publication is not kept',
    'has a position before the first publication, from which nothing is missing',
    () => ({
      node: (node) => ({
        async history(channel, options, limits) {
          const page = await node.history(channel, options, limits)
          if (page.position.offset === 0) await node.remove(channel)
          return page
        },
      }),
    }),
  ),
  broken(
    'history is read from a copy that lags behind',
    'leaves no gap between history that is read after subscribing and what is delivered',
    changedPages((page) => {
      const isLong = page.publications.length > 2
      return isLong ? { ...page, publications: page.publications.slice(0, -2) } : page
    }),
  ),
]
