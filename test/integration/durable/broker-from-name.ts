import { memoryBroker } from 'goweb/brokers/memory'
import { sqliteBroker } from 'goweb/brokers/sqlite'
import type { Broker } from '../../../src/realtime/broker.ts'

/** `memory`, `sqlite:FILE` or, with `synchronous: 'full'`, `sqlite-full:FILE`. */
export function brokerFromName(name: string): Broker {
  const [kind, file = ''] = name.split(/:(.*)/s)
  if (kind === 'memory') return memoryBroker()
  return sqliteBroker({ file, synchronous: kind === 'sqlite-full' ? 'full' : 'normal' })
}
