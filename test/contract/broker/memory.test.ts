import { brokerContract } from './broker-contract.ts'
import { MEMORY_TRAITS, memorySetup, sparseOffset } from './memory-setup.ts'
import { REMOTE_TRAITS, remoteSetup } from './remote-setup.ts'

brokerContract('memory', MEMORY_TRAITS, () => memorySetup())
brokerContract('memory with sparse offsets', MEMORY_TRAITS, () => memorySetup(sparseOffset))
brokerContract('memory of another process', REMOTE_TRAITS, () => remoteSetup(memorySetup(sparseOffset)))
