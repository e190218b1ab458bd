import { Counter, Gauge, type Registry } from 'prom-client'
import type { AppStats } from '../app/app-stats.ts'

const COUNTERS: Readonly<Partial<Record<keyof AppStats, string>>> = {
  socketsOpened: 'WebSocket handshakes that were accepted',
  socketsClosedNormally: 'Sockets closed with 1000, 1001 or no code',
  socketsClosedLost: 'Sockets lost without a close frame',
  socketsClosedByApp: 'Sockets closed with a code of the app, 3000 to 4999',
  socketsClosedWithError: 'Sockets closed with any other code',
  socketsClosedForRate: 'Sockets closed because the peer sent too fast',
  socketsClosedForBackpressure: 'Sockets closed because the peer did not take what waited for it',
  socketsClosedForViolation: 'Sockets closed because the peer broke the protocol or a limit',
  socketsRefusedForTotal: 'Handshakes refused because of maxSockets',
  socketsRefusedForAddress: 'Handshakes refused because of maxSocketsPerAddress',
  messagesIn: 'Messages received',
  messagesOut: 'Messages sent with send',
  messagesDropped: 'Messages that a slow peer did not get',
  bytesIn: 'Bytes received on sockets',
  bytesOut: 'Bytes sent on sockets',
  topicPublishes: 'Messages published to topics',
  topicDeliveries: 'Messages of topics that went to a subscriber, one for each',
}

const GAUGES: Readonly<Partial<Record<keyof AppStats, string>>> = {
  socketsOpen: 'Sockets that are open or closing',
  bufferedBytes: 'Bytes that wait for slow peers',
  channelConnections: 'Channel connections that are open',
  channelsSubscribed: 'Channels that have subscribers on this server',
}

/** Has a registry show the statistics of an app, read when it is scraped. */
export function registerStats(registry: Registry, read: () => AppStats): void {
  // All metrics of one scrape are collected in one turn of the event loop: they read the statistics once.
  let stats: AppStats | undefined
  const fresh = (): AppStats => {
    if (stats === undefined) setImmediate(() => (stats = undefined))
    return (stats ??= read())
  }
  for (const [key, help] of entries(COUNTERS)) {
    const counter = new Counter({
      name: `goweb_${snakeCase(key)}_total`,
      help,
      registers: [registry],
      collect() {
        counter.reset()
        counter.inc(fresh()[key])
      },
    })
  }
  for (const [key, help] of entries(GAUGES)) {
    const gauge = new Gauge({
      name: `goweb_${snakeCase(key)}`,
      help,
      registers: [registry],
      collect() {
        gauge.set(fresh()[key])
      },
    })
  }
}

function entries(table: Readonly<Partial<Record<keyof AppStats, string>>>): [keyof AppStats, string][] {
  return Object.entries(table) as [keyof AppStats, string][]
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
