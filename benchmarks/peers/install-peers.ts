import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { BENCHMARKS, CACHE, ROOT } from './folders.ts'

const GORILLA_SOURCE = join(BENCHMARKS, 'servers/gorilla/main.go')
/** Where Debian's packages put Go sources. */
const DEBIAN_GOPATH = '/usr/share/gocode'

/** Installs the packages of the peers, if they are not there in the version that the lock file names. */
export function installPeers(options: { readonly hasUws: boolean }): void {
  installPackages(BENCHMARKS)
  if (options.hasUws) installPackages(join(BENCHMARKS, 'servers/uws'))
  buildGorilla()
}

/**
 * Builds GoWeb as it is published and puts it where the servers find it.
 *
 * In a folder of its own, so that it disturbs nobody who works on `dist`.
 */
export function buildGoWeb(): void {
  const folder = join(CACHE, 'goweb')
  const unfinished = join(CACHE, 'goweb-unfinished')
  rmSync(unfinished, { recursive: true, force: true })
  const args = ['-p', join(ROOT, 'tsconfig.build.json'), '--outDir', join(unfinished, 'dist')]
  try {
    execFileSync(join(ROOT, 'node_modules/.bin/tsc'), args, {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
  } catch (cause) {
    throw new Error('GoWeb cannot be built; --no-build measures what was built before', { cause })
  }
  copyFileSync(join(ROOT, 'package.json'), join(unfinished, 'package.json'))
  rmSync(folder, { recursive: true, force: true })
  renameSync(unfinished, folder)
}

/** Makes `import 'goweb'` mean what {@link buildGoWeb} built. */
export function linkGoWeb(): void {
  if (!existsSync(join(CACHE, 'goweb/dist/index.js')))
    throw new Error('GoWeb is not built: leave out --no-build')
  const link = join(BENCHMARKS, 'node_modules/goweb')
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync('../.cache/goweb', link, 'dir')
}

function installPackages(folder: string): void {
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string; optional?: boolean }>
  }
  const isCurrent = Object.entries(lock.packages).every(([path, { version, optional = false }]) => {
    if (path === '' || version === undefined || (optional && !existsSync(join(folder, path)))) return true
    const file = join(folder, path, 'package.json')
    if (!existsSync(file)) return false
    return (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version === version
  })
  if (isCurrent && existsSync(join(folder, 'node_modules'))) return
  console.log('Installing the peers')
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund']
  execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Builds the peer in Go where Go and the libraries are there. */
function buildGorilla(): void {
  const binary = join(CACHE, 'gorilla')
  if (existsSync(binary) && statSync(binary).mtimeMs > statSync(GORILLA_SOURCE).mtimeMs) return
  const sources = join(DEBIAN_GOPATH, 'src/github.com/gorilla')
  if (!existsSync(join(sources, 'websocket')) || !existsSync(join(sources, 'mux'))) return
  mkdirSync(CACHE, { recursive: true })
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: DEBIAN_GOPATH, GOCACHE: join(CACHE, 'go') }
  try {
    execFileSync('go', ['build', '-o', binary, GORILLA_SOURCE], {
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
  } catch {
    console.log('The peer in Go cannot be built')
  }
}
