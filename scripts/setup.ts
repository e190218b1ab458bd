import { execFileSync, type ExecFileSyncOptions } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the tests to come need. */
export interface SetUpOptions {
  /** Browser and other outside programs for the integration tests. */
  readonly hasSystem: boolean
}

interface SystemProgram {
  /** What is missing, for the message. */
  readonly name: string
  readonly debianPackage: string
  readonly isPresent: () => boolean
}

const SYSTEM_PROGRAMS: readonly SystemProgram[] = [
  { name: 'openssl', debianPackage: 'openssl', isPresent: () => succeeds('openssl', ['version']) },
  { name: 'chromium', debianPackage: 'chromium', isPresent: () => succeeds('chromium', ['--version']) },
  {
    name: 'websockets for /usr/bin/python3',
    debianPackage: 'python3-websockets',
    isPresent: () => succeeds('/usr/bin/python3', ['-c', 'import websockets']),
  },
  { name: 'nginx', debianPackage: 'nginx', isPresent: () => succeeds('nginx', ['-v']) },
  { name: 'caddy', debianPackage: 'caddy', isPresent: () => succeeds('caddy', ['version']) },
]

/** Programs of administrators are not in everybody's path. */
const PATH = `${process.env['PATH']}:/usr/sbin:/usr/local/sbin`

/** Debian's maintainer scripts ask this program whether they may start a service, and take 101 for no. */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d'

/**
 * Installs what the tests need and `npm install` does not bring: older runtimes below `test/runtimes`, and
 * programs from the system's packages where apt-get can. Quick when all is there; throws naming what is missing.
 */
export function setUp(root: string, options: SetUpOptions): void {
  installRuntimes(join(root, 'test/runtimes'))
  if (options.hasSystem) installPrograms()
}

function installRuntimes(folder: string): void {
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string }>
  }
  const isCurrent = Object.entries(lock.packages).every(([path, { version }]) => {
    return version === undefined || installedVersion(join(folder, path)) === version
  })
  if (isCurrent && succeeds(join(folder, 'node_modules/.bin/node'), ['--version'])) return
  console.log('Installing test/runtimes')
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

function installedVersion(folder: string): string | undefined {
  const file = join(folder, 'package.json')
  if (!existsSync(file)) return undefined
  return (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version
}

function installPrograms(): void {
  const missing = SYSTEM_PROGRAMS.filter((program) => !program.isPresent())
  if (missing.length === 0) return
  if (process.getuid?.() === 0 && succeeds('apt-get', ['--version'])) {
    const packages = missing.map((program) => program.debianPackage)
    console.log(`Installing ${packages.join(', ')}`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const options: ExecFileSyncOptions = { env, stdio: ['ignore', 'ignore', 'inherit'] }
    execFileSync('apt-get', ['update', '-qq'], options)
    withoutServices(() => {
      execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options)
    })
  }
  const absent = missing.filter((program) => !program.isPresent())
  if (absent.length === 0) return
  const names = absent.map((program) => `${program.name} (Debian package ${program.debianPackage})`)
  throw new Error(
    `The tests need programs that are not installed: ${names.join(', ')}. Install them and run again.`,
  )
}

/** Installs without starting what is installed: nobody asked for a web server on port 80. */
function withoutServices(install: () => void): void {
  if (existsSync(SERVICE_POLICY)) return install()
  writeFileSync(SERVICE_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    install()
  } finally {
    rmSync(SERVICE_POLICY)
  }
}

function succeeds(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore', env: { ...process.env, PATH } })
    return true
  } catch {
    return false
  }
}
