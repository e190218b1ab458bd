/**
 * A server that gives its place to another under its clients: `npm run drain`, or with fewer of them, `DRAIN_CLIENTS=200 npm run drain`.
 *
 * Prints who left and came back when, once with a successor that waits and once with one that is started when the old process has ended;
 * ends with 1 when something was lost or doubled, or somebody was not back in time. `DRAIN_OPTIONS` are `DrainOptions` as JSON,
 * `DRAIN_RATE` the publishes of each client a second, `DRAIN_BROKER=sqlite-full` another setting.
 */
import type { DrainOptions } from 'goweb'
import { WebSocket } from 'ws'
import { findBrokenDrain, renderDrain, runDrain } from './run-drain.ts'

const IN_ROOM = 20

const clients = Number(process.env['DRAIN_CLIENTS'] ?? 2_000)
const perSecond = Number(process.env['DRAIN_RATE'] ?? 0.2)
const kind = process.env['DRAIN_BROKER'] ?? 'sqlite'
const drain = JSON.parse(process.env['DRAIN_OPTIONS'] ?? '{}') as DrainOptions
if (!(clients > 0) || clients % IN_ROOM !== 0)
  throw new TypeError(`DRAIN_CLIENTS: a multiple of ${IN_ROOM} was expected`)
const rooms = clients / IN_ROOM
console.log(
  `${clients} clients in ${rooms} rooms, each publishes ${perSecond} messages/s and gets all of its room; broker ${kind}; drain ${JSON.stringify(drain)}`,
)
for (const isWaiting of [true, false]) {
  console.log(
    `\nSIGTERM; the successor ${isWaiting ? 'waits already' : 'is started when the old process has ended'}`,
  )
  const broker = (file: string): string => `${kind}:${file}`
  // Thousands in one process that knock in vain are too much for Node's own.
  const connecting = { WebSocket }
  const report = await runDrain({ clients, rooms, perSecond, drain, isWaiting, broker, connecting })
  console.log(renderDrain(report))
  for (const sentence of findBrokenDrain(report)) {
    console.error(`BROKEN: ${sentence}`)
    process.exitCode = 1
  }
  if (report.output !== '') console.error(`The servers wrote:\n${report.output}`)
}
