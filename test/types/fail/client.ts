// Each line that is marked must not compile; see ../expected-errors.ts.
import { connect } from 'goweb/client'
import type { app } from '../channels.ts'

const client = connect<typeof app>('/')
const onGap = (): void => {}

// Patterns, parameters and options.
client.channel('rooms/{rom}', { room: '1' }, { onGap }) // error: TS2345
client.channel('rooms/{room}', { rom: '1' }, { onGap }) // error: TS2561 Did you mean to write 'room'
client.channel('rooms/{room}', {}, { onGap }) // error: TS2741 Property 'room' is missing
client.channel('rooms/{room}', { room: '1' }) // error: TS2554 Expected 3 arguments
client.channel('rooms/{room}', { room: '1' }, {}) // error: TS2345 Property 'onGap' is missing
client.channel('rooms/{room}', { room: '1' }, { since: { offset: 1, epoch: 'e' } }) // error: TS2345 Property 'onGap' is missing
client.channel('raw/{name}') // error: TS2554 Expected 3 arguments
client.channel('news/{topic:[a-z]{2,}}') // error: TS2554
client.channel('news/{topic:[a-z]{2,}}', { topic: 'ab' }, { since: 7 }) // error: TS2322

// Events and their data.
const room = client.channel('rooms/{room}', { room: '1' }, { onGap })
room.on('massage', () => {}) // error: TS2345 '"massage"' is not assignable
room.on('message', (message) => void message.txt) // error: TS2551 Property 'txt' does not exist
room.publish('massage', { text: 'x', at: '1' }) // error: TS2345
room.publish('message', { text: 1, at: '1' }) // error: TS2322
room.publish('message', { text: 'x' }) // error: TS2741 Property 'at' is missing
room.publish('edited', { id: 'x' }) // error: TS2345
room.publish('message') // error: TS2554
room.onPresence('gone', () => {}) // error: TS2345
room.position = { offset: 1, epoch: 'e' } // error: TS2540 read-only
const raw = client.channel('raw/{name}', { name: 'x' }, { onGap })
raw.on('message', () => {}) // error: TS2345
raw.publish('message', { text: 'x' }) // error: TS2554

// Latest values.
const prices = client.channel('prices/{market}', { market: 'eu' })
prices.on('prize', () => {}) // error: TS2345
prices.values().get(7) // error: TS2345
prices.values().get('x')?.cost // error: TS2339 Property 'cost' does not exist
prices.onRemoved((key) => void (key satisfies number)) // error: TS1360
prices.publish('status', { market: 'eu', isOpen: true }) // error: TS2345
room.values() // error: TS2339 Property 'values' does not exist
raw.onRemoved(() => {}) // error: TS2339 Property 'onRemoved' does not exist

// Calls.
client.call('users.remove', {}) // error: TS2345
client.call('users.rename', { nam: 'x' }) // error: TS2561 Did you mean to write 'name'
client.call('users.rename') // error: TS2554
client.call('users.rename', { name: 'x' }, { timeout: 5 }) // error: TS2561 Did you mean to write 'timeoutMs'
client.call('users.rename', { name: 'x' }).then(({ id }) => void (id satisfies number)) // error: TS1360

// The client itself.
client.on('status', () => {}) // error: TS2345
client.state = 'connected' // error: TS2540 read-only
connect('/', { getToken: () => 7 }) // error: TS2322
connect('/', { reconnect: true }) // error: TS2353
connect<string>('/').channel('a').on((data) => void (data satisfies string)) // error: TS1360
