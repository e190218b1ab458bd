import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../../scripts/testing/run-command.ts'

/** The repository's root. */
export const ROOT: string = join(import.meta.dirname, '../..')

/** A file in the packed package. */
export interface PackedFile {
  readonly path: string
  readonly size: number
}

/** The package as it would be published. */
export interface Packed {
  /** A folder of the test's own, to be removed at the end. */
  readonly folder: string
  readonly tarball: string
  /** The package's content, unpacked. */
  readonly content: string
  readonly files: readonly PackedFile[]
  readonly tarballBytes: number
}

const SOURCES = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'src',
  'tsconfig.json',
  'tsconfig.build.json',
]

/** Builds and packs a copy of the repository, so that nothing else that builds here gets in the way. */
export async function pack(): Promise<Packed> {
  const folder = mkdtempSync(join(tmpdir(), 'goweb-package-'))
  const copy = join(folder, 'repository')
  for (const name of SOURCES) {
    if (existsSync(join(ROOT, name))) cpSync(join(ROOT, name), join(copy, name), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const output = await run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], copy)
  const [{ filename, files, size }] = JSON.parse(output.slice(output.indexOf('[\n'))) as [
    { filename: string; files: PackedFile[]; size: number },
  ]
  const tarball = join(folder, filename)
  await run('tar', ['-xzf', tarball, '-C', folder], folder)
  return { folder, tarball, content: join(folder, 'package'), files, tarballBytes: size }
}

/** Removes what {@link pack} made. */
export function unpack(packed: Packed | undefined): void {
  if (packed !== undefined) rmSync(packed.folder, { recursive: true, force: true })
}

/** Runs a command that must succeed, and returns what it printed. */
export async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, output } = await runCommand(command, args, { cwd, timeoutSeconds: 120 })
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${code}:\n${output}`)
  return output
}
