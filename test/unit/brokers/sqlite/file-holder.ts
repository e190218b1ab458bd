// A process that has a broker's file until it is killed, or told by its standard input to close it.
import { sqliteBroker } from '../../../../src/brokers/sqlite.ts'
import { Recorder } from '../../../contract/broker/recorder.ts'

const [, , file = ''] = process.argv
const node = await sqliteBroker({ file }).connect(new Recorder())
await node.publish('a', '"by the other"', {
  history: { size: 10, ttlMs: 60_000 },
  idempotency: { key: 'k', windowMs: 60_000 },
})
process.stdout.write('ready\n')
process.stdin.once('data', async () => {
  await node.close()
  process.stdin.destroy()
})
