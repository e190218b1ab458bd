/**
 * The main module of a test process on Node: loads the test files that it is given, and lets no test begin before
 * all are loaded. Each file's tests come after one that is named after the file and declared here, by which
 * `node-reporter.ts` knows whose they are: a test that a helper declares is reported with the helper's path.
 */
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

const loaded = Promise.withResolvers<void>()
let loading: string | undefined
process.once('beforeExit', () => {
  if (loading === undefined) return
  printName(loading)
  console.log('What it waits for at its top level never comes.')
  // Node's own code for it.
  process.exit(13)
})

for (const file of process.argv.splice(2)) {
  let failure: { readonly error: unknown } | undefined
  test(file, async () => {
    await loaded.promise
    printName(file)
    if (failure) throw failure.error
  })
  loading = file
  try {
    await import(pathToFileURL(join(process.cwd(), file)).href)
  } catch (error) {
    failure = { error }
  }
}
loading = undefined
// Without a name: the tests of every file have ended.
test('', () => {})
loaded.resolve()

/** So that what the process prints can be told apart; Bun prints the same line. */
function printName(file: string): void {
  console.log(`\n${file}:`)
}
