/**
 * The generator of rows that are about client libraries: `main.ts jitter|storm DRIVER OPTIONS`.
 *
 * `DRIVER` is a file of `drivers/`, `OPTIONS` are {@link JitterOptions} or {@link StormOptions} as JSON. Prints `ready` when all clients
 * are there, and at the end the result as a line of JSON.
 */
import type { CreateDriver } from './client-driver.ts'
import { runJitter, type JitterOptions } from './jitter.ts'
import { runStorm, type StormOptions } from './storm.ts'

/** The network says how long a client is away, not how patient its library is. */
const MAX_RECONNECT_DELAY_MS = 500

const [mode, file, json] = process.argv.slice(2) as [string, string, string]
// Found by name: the libraries are installed only where benchmarks run.
const { createDriver } = (await import(`../drivers/${file}`)) as { createDriver: CreateDriver }
const given: unknown = JSON.parse(json)
const onReady = (): void => console.log('ready')
const result =
  mode === 'jitter'
    ? await runJitter(createDriver(MAX_RECONNECT_DELAY_MS), { ...(given as JitterOptions), onReady })
    : await runStorm(createDriver(), { ...(given as StormOptions), onReady })
// Thousands of figures are more than a pipe takes at once: exiting before they are written would cut them off.
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
