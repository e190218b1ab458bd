import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { validate } from 'dockerfile-utils'
import { GoWeb, health } from 'goweb'
import { DEFAULT_SOCKET_OPTIONS } from '../../../src/app/compile-socket-route.ts'
import { resolveDrain } from '../../../src/app/drain-options.ts'
import { DEFAULT_REALTIME_LIMITS } from '../../../src/realtime/realtime-limits.ts'
import { resolveListenOptions } from '../../../src/runtime/listen-options.ts'
import { readProjectFile } from './project-files.ts'

const nginx = readProjectFile('deploy/nginx.conf')
const caddy = readProjectFile('deploy/Caddyfile')
const unit = readProjectFile('deploy/goweb.service')
const dockerfile = readProjectFile('deploy/Dockerfile')

/** The number that a setting has, which has to be there once. */
function numberOf(text: string, setting: RegExp): number {
  const values = [...text.matchAll(new RegExp(`^\\s*${setting.source}(?<value>\\d+)`, 'gm'))]
  assert.equal(values.length, 1, `${setting.source} is there ${values.length} times`)
  return Number(values[0]?.groups?.['value'])
}

describe('times and sizes of the files in deploy', () => {
  const { keepAliveTimeoutMs } = resolveListenOptions({})

  test('proxies wait twice as long as an app is silent on a living connection', () => {
    const readTimeoutMs = 1_000 * numberOf(nginx, /proxy_read_timeout /)
    assert.ok(readTimeoutMs >= 2 * DEFAULT_SOCKET_OPTIONS.pingIntervalMs)
    assert.ok(readTimeoutMs >= 2 * DEFAULT_REALTIME_LIMITS.pingIntervalMs)
  })

  test('proxies let go of idle connections before the app does', () => {
    for (const seconds of [numberOf(nginx, / {4}keepalive_timeout /), numberOf(caddy, /keepalive /)]) {
      assert.ok(1_000 * seconds < keepAliveTimeoutMs)
    }
  })

  test('nginx may have a file for each of its connections, and as many again', () => {
    assert.ok(numberOf(nginx, /worker_rlimit_nofile /) >= 2 * numberOf(nginx, /worker_connections /))
  })

  test('the service manager waits longer than the app takes to end', () => {
    const { timeoutMs } = resolveDrain({}, 'OPTION_INVALID')
    assert.ok(1_000 * numberOf(unit, /TimeoutStopSec=/) >= 2 * timeoutMs)
  })

  test('all mean the same port, the one that an app listens on by itself', () => {
    const { port } = resolveListenOptions({})
    const said = [numberOf(unit, /Environment=PORT=/), numberOf(dockerfile, /ENV PORT=/)]
    said.push(numberOf(nginx, /server 127\.0\.0\.1:/), numberOf(caddy, /reverse_proxy 127\.0\.0\.1:/))
    assert.deepEqual(new Set(said), new Set([port]))
  })
})

describe('deploy/Dockerfile', () => {
  test('has nothing that the linter finds', () => {
    assert.deepEqual(validate(dockerfile), [])
    assert.equal(validate(dockerfile.replace('\nUSER', '\nUSERS')).length, 1)
  })

  test('runs on the Node that the project itself is worked on with', () => {
    const { devDependencies } = JSON.parse(readProjectFile('package.json')) as {
      devDependencies: { node: string }
    }
    const versions = [...dockerfile.matchAll(/^FROM node:(\d+)-slim/gm)].map((match) => match[1])
    assert.deepEqual(versions, Array(2).fill(/\d+/.exec(devDependencies.node)?.[0]))
  })

  test('asks for the health that health() tells', async (t) => {
    const [, program = ''] = /CMD \["node", "-e", ("(?:[^"\\]|\\.)*")\]/.exec(dockerfile) ?? []
    const ask = async (port: number): Promise<unknown> => {
      const env = { ...process.env, PORT: String(port) }
      const child = spawn(process.execPath, ['-e', JSON.parse(program) as string], { env, stdio: 'ignore' })
      return (await once(child, 'exit'))[0]
    }
    const server = await new GoWeb().register(health()).listen({ port: 0, host: '127.0.0.1' })
    t.after(() => server.close(0))
    assert.equal(await ask(server.port), 0)
    await server.close(0)
    assert.equal(await ask(server.port), 1)
  })
})

describe('deploy/goweb.service', () => {
  const hasAnalyzer = spawnSync('systemd-analyze', ['--version']).status === 0

  test('is understood by systemd', { skip: !hasAnalyzer && 'there is no systemd-analyze' }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'goweb-unit-'))
    const verify = (text: string): string[] => {
      const file = join(folder, 'goweb.service')
      writeFileSync(file, text.replaceAll('/usr/bin/node', process.execPath))
      const { stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
      // It also tells what it finds in the machine's own units.
      return stderr.split('\n').filter((line) => line.includes('goweb.service'))
    }
    assert.deepEqual(verify(unit), [])
    assert.equal(verify(unit.replace('ProtectHome', 'ProtectHomes')).length, 1)
    rmSync(folder, { recursive: true })
  })
})
