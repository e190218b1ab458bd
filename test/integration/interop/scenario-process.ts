/** Runs a scenario with the WebSocket of its own runtime, and prints what it saw as JSON. */
import { joinTopic, runScenario } from './scenario.ts'

const [base = '', tag = '', size] = process.argv.slice(2)
const seen =
  size === undefined ? await runScenario({ base, tag }) : await joinTopic({ base, tag, size: Number(size) })
process.stdout.write(JSON.stringify(seen), () => process.exit(0))
