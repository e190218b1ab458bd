import { testPeers } from './scenario-suite.ts'

await testPeers('wss')
