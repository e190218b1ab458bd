import { memoryBroker } from 'goweb/brokers/memory'

/** `memory`, `sqlite:FILE` or, with `synchronous: 'full'`, `sqlite-full:FILE`. */
export async function brokerFromName(name: string): Promise<ReturnType<typeof memoryBroker>> {
  const [kind, file = ''] = name.split(/:(.*)/s)
  if (kind === 'memory') return memoryBroker()
  // Servers that do not use it do not pay for it.
  const { sqliteBroker } = await import('goweb/brokers/sqlite')
  return sqliteBroker({ file, synchronous: kind === 'sqlite-full' ? 'full' : 'normal' })
}
