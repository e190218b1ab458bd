import { memoryBroker } from 'goweb/brokers/memory'

/** `memory`, `sqlite:FILE` or, with `synchronous: 'full'`, `sqlite-full:FILE`; before it `thread:`, to have it in a thread of its own. */
export async function brokerFromName(name: string): Promise<ReturnType<typeof memoryBroker>> {
  const [kind, file = ''] = name.split(/:(.*)/s)
  if (kind === 'memory') return memoryBroker()
  if (kind === 'thread') return (await import('./broker-in-thread.ts')).brokerInThread(file)
  // Servers that do not use it do not pay for it.
  const { sqliteBroker } = await import('goweb/brokers/sqlite')
  return sqliteBroker({ file, synchronous: kind === 'sqlite-full' ? 'full' : 'normal' })
}
