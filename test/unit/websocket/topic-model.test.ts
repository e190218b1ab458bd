import { test } from 'node:test'
import { FakeServer } from './fake-server.ts'
import { checkTopics } from './topic-model.ts'

test('delivers the same as a server that sends each message to each socket at once', () => {
  checkTopics(() => {
    const server = new FakeServer()
    return {
      open: () => server.open(),
      publish: (topic, message) => void server.hub.publish(topic, message),
      endTurn: () => server.endTurn(),
    }
  })
})
