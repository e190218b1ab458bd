import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** The repository's root. */
export const ROOT: string = join(import.meta.dirname, '../..')

/** A TypeScript compiler of the repository. */
export interface Compiler {
  readonly version: string
  readonly program: string
}

/** TypeScript 7, which builds the package. */
export const CURRENT: Compiler = findCompiler('node_modules')
/** The last TypeScript that is written in JavaScript, which many projects still use. */
export const OLDER: Compiler = findCompiler('test/runtimes/node_modules')

/** An error that the compiler reports. */
export interface Diagnostic {
  /** Path from the repository's root, or from the scratch folder for a file in it. */
  readonly file: string
  readonly line: number
  /** Such as `TS2345`. */
  readonly code: string
  readonly message: string
}

/** What a compiler says of some files, and what that took. */
export interface Compilation {
  readonly diagnostics: readonly Diagnostic[]
  readonly seconds: number
  /** Types it made from generic ones: a measure of its work that does not depend on the machine. */
  readonly instantiations: number
}

/** Options of {@link compile}. */
export interface CompileOptions {
  readonly compiler?: Compiler
  /** Files of the repository, by path from the root. */
  readonly files?: readonly string[]
  /** Files to write into the scratch folder first, by path inside it. */
  readonly scratch?: Readonly<Record<string, string>>
  readonly compilerOptions?: Readonly<Record<string, unknown>>
}

/** Type-checks files with the repository's settings, in a scratch folder inside the package so that `goweb` resolves. */
export async function compile(options: CompileOptions): Promise<Compilation> {
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(ROOT, '.cache/types-'))
  try {
    const scratch = Object.entries(options.scratch ?? {})
    for (const [file, text] of scratch) {
      mkdirSync(join(folder, file, '..'), { recursive: true })
      writeFileSync(join(folder, file), text)
    }
    const config = {
      // Not by `extends`, which would read the overridden options too: the older compiler does not know them all.
      compilerOptions: { ...readCompilerOptions(), ...options.compilerOptions },
      files: [
        ...(options.files ?? []).map((file) => join(ROOT, file)),
        ...scratch.map(([file]) => join(folder, file)),
      ],
      include: [],
      exclude: [],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const started = performance.now()
    const args = ['-p', join(folder, 'tsconfig.json'), '--pretty', 'false', '--extendedDiagnostics']
    const output = await run(options.compiler ?? CURRENT, args)
    const seconds = (performance.now() - started) / 1000
    const instantiations = Number(/^Instantiations: +(\d+)$/m.exec(output)?.[1])
    return { diagnostics: parseDiagnostics(output, relative(ROOT, folder)), seconds, instantiations }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readCompilerOptions(): Record<string, unknown> {
  const config = readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')
  return (JSON.parse(config) as { compilerOptions: Record<string, unknown> }).compilerOptions
}

function findCompiler(modules: string): Compiler {
  const folder = join(ROOT, modules, 'typescript')
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  return { version, program: join(folder, 'bin/tsc') }
}

function run(compiler: Compiler, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [compiler.program, ...args],
      { cwd: ROOT, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        // 1 and 2 are the compiler's ways to say that there are errors in the files.
        if (error === null || error.code === 1 || error.code === 2) resolve(stdout + stderr)
        else reject(new Error(`tsc ${compiler.version} failed: ${stdout}${stderr}`, { cause: error }))
      },
    )
  })
}

const DIAGNOSTIC =
  /^(?:(?<file>.+?)\((?<line>\d+),\d+\): )?error (?<code>TS\d+): (?<message>.*(?:\n[ \t].*)*)/gm

function parseDiagnostics(output: string, folder: string): Diagnostic[] {
  const found = Array.from(output.matchAll(DIAGNOSTIC), ({ groups = {} }) => ({
    file: (groups['file'] ?? '').replace(`${folder}/`, ''),
    line: Number(groups['line'] ?? 0),
    code: groups['code'] ?? '',
    message: groups['message'] ?? '',
  }))
  if (found.length === 0 && !output.startsWith('Files:'))
    throw new Error(`tsc said what cannot be read: ${output}`)
  return found
}
