import { brokerContract } from './broker-contract.ts'
import { brokerModel } from './broker-model.ts'
import { SQLITE_TRAITS, sqliteSetup } from './sqlite-setup.ts'

brokerContract('sqlite', SQLITE_TRAITS, () => sqliteSetup())
brokerContract('sqlite that flushes the disk', SQLITE_TRAITS, () => sqliteSetup({ synchronous: 'full' }))
brokerModel('sqlite', { traits: SQLITE_TRAITS, runs: 60 }, () => sqliteSetup())
