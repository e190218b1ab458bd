import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'

const FLAGS = ['-O2', '-std=gnu11', '-Wall', '-Wextra', '-Werror']

/** The C compiler of this machine; undefined when there is none. */
export function findCompiler(): string | undefined {
  return ['gcc', 'cc', 'clang'].find((name) => {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })
}

/** Compiles the generator into `folder`, unless it is there already. Returns its path. */
export function buildGenerator(folder: string): string {
  const names = readdirSync(import.meta.dirname).filter((name) => /\.[ch]$/.test(name))
  const hash = createHash('sha256').update(FLAGS.join(' '))
  for (const name of names) hash.update(readFileSync(join(import.meta.dirname, name)))
  const binary = join(folder, `generator-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(binary)) return binary

  const compiler = findCompiler()
  if (compiler === undefined) {
    throw new Error(
      'The generator is written in C and there is no compiler: install gcc (Debian: gcc libc6-dev)',
    )
  }
  mkdirSync(folder, { recursive: true })
  const sources = names.filter((name) => name.endsWith('.c')).map((name) => join(import.meta.dirname, name))
  // Under another name first: whoever comes meanwhile must not find half a program.
  const unfinished = `${binary}.${process.pid}`
  execFileSync(compiler, [...FLAGS, '-o', unfinished, ...sources], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  renameSync(unfinished, binary)
  return binary
}
