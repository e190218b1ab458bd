import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join, relative, resolve } from 'node:path'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { ROOT } from './project-files.ts'

const BUDGET_BYTES = 8_000
const OUTBOX_BUDGET_BYTES = 4_000
/** What a page with both loads. */
const WITH_OUTBOX = 'test/unit/repository/fixtures/client-with-outbox.ts'

/** What a page would load. */
async function bundle(entry: string, ...options: string[]): Promise<string> {
  const bun = join(ROOT, 'node_modules/.bin/bun')
  const args = ['build', '--minify', '--target=browser', ...options, entry]
  const { stdout } = await promisify(execFile)(bun, args, { cwd: ROOT, maxBuffer: 2 ** 24 })
  return stdout
}

describe('the client in a bundle', () => {
  test(`takes at most ${BUDGET_BYTES} bytes, minified and compressed`, async () => {
    const code = await bundle('src/client.ts')
    const bytes = gzipSync(code, { level: 9 }).byteLength
    console.log(`note: goweb/client is ${bytes} bytes (${Buffer.byteLength(code)} before compression)`)
    assert.ok(code.includes('PUBLISH_OUTCOME_UNKNOWN'), 'it is the client')
    assert.ok(bytes <= BUDGET_BYTES, `${bytes} bytes`)
  })

  test(`takes at most ${OUTBOX_BUDGET_BYTES} bytes more with the persistent outbox`, async () => {
    const [code, alone] = await Promise.all([bundle(WITH_OUTBOX), bundle('src/client.ts')])
    const bytes = gzipSync(code, { level: 9 }).byteLength - gzipSync(alone, { level: 9 }).byteLength
    console.log(`note: goweb/client/outbox adds ${bytes} bytes`)
    assert.ok(code.includes('goweb-outbox'), 'it is the outbox')
    assert.ok(bytes <= OUTBOX_BUDGET_BYTES, `${bytes} bytes`)
  })

  test('has no code of the server and needs nothing', async () => {
    const code = await bundle('src/client.ts', '--sourcemap=inline')
    const map = /sourceMappingURL=data:application\/json[^,]*,(\S+)/.exec(code)?.[1] ?? ''
    const { sources } = JSON.parse(Buffer.from(map, 'base64').toString()) as { sources: string[] }
    const files = sources.map((source) => relative(ROOT, resolve(ROOT, source)))
    assert.ok(files.includes('src/client/connection.ts'), files.join(', '))
    assert.ok(!files.includes('src/client/persistent-outbox.ts'), files.join(', '))
    const foreign = files.filter((file) => !/^src\/(?:client\.ts$|(?:client|protocol|internal)\/)/.test(file))
    assert.deepEqual(foreign, [])
    assert.doesNotMatch(code, /\b(?:require|import)\b\s*[("']|node:/)
  })
})
