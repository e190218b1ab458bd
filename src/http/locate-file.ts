import { GoWebError } from '../errors/goweb-error.ts'

/** Where a path may lead. */
export interface LocateOptions {
  /** Directory that the path may not leave, whatever it says; without one the path is trusted as it is. */
  readonly root?: string
  /** Whether names that begin with a dot are served, besides `/.well-known` (RFC 8615). Default: false. */
  readonly allowDotfiles?: boolean
}

/** A file or directory that exists and may be served. */
export interface LocatedFile {
  readonly kind: 'file' | 'directory'
  /** Absolute path; with a `root`, free of symbolic links. */
  readonly path: string
  /** Last name of the path that was asked for; that of the link where it is one. */
  readonly name: string
  readonly size: number
  readonly modifiedMs: number
  /** Whether `path` was resolved within a root, so that a link in its place is refused. */
  readonly isWithinRoot: boolean
}

/**
 * Looks up a path on disk.
 *
 * With a `root` the path is taken as relative to it, with `/` between segments and already percent-decoded; `..`, NUL,
 * backslashes, dotfiles and symbolic links that lead out of the root count as missing. So do devices, pipes and sockets.
 *
 * @returns undefined when there is nothing to serve.
 * @throws `UNAVAILABLE` when the process has too many files open, `INTERNAL` for other failures of the file system.
 */
export async function locateFile(
  path: string,
  options: LocateOptions = {},
): Promise<LocatedFile | undefined> {
  if (path.includes('\0')) return undefined
  const [fs, { basename, resolve, sep }] = await Promise.all([
    import('node:fs/promises'),
    import('node:path'),
  ])
  const { root } = options
  try {
    let real = resolve(path)
    if (root !== undefined) {
      if (!isSafe(path, options.allowDotfiles ?? false, sep === '\\')) return undefined
      const relative = path
        .split('/')
        .filter((segment) => segment !== '')
        .join(sep)
      const [realRoot, realPath] = await Promise.all([
        fs.realpath(root),
        fs.realpath(resolve(root, relative)),
      ])
      const prefix = realRoot.endsWith(sep) ? realRoot : realRoot + sep
      if (realPath !== realRoot && !realPath.startsWith(prefix)) return undefined
      real = realPath
    }
    const stats = await fs.stat(real)
    // A trailing slash names a directory.
    const kind = stats.isDirectory()
      ? 'directory'
      : stats.isFile() && !path.endsWith('/')
        ? 'file'
        : undefined
    if (kind === undefined) return undefined
    const name = basename(path)
    return {
      kind,
      path: real,
      name,
      size: stats.size,
      modifiedMs: stats.mtimeMs,
      isWithinRoot: root !== undefined,
    }
  } catch (cause) {
    if (isMissing(cause)) return undefined
    throw fileSystemError(cause)
  }
}

/** Wraps what the file system threw; its message has the path, so it is only the cause. */
export function fileSystemError(cause: unknown): GoWebError {
  const code = errorCode(cause)
  if (code === 'EMFILE' || code === 'ENFILE') {
    return new GoWebError('UNAVAILABLE', 'Too many files are open; raise the limit of the process', { cause })
  }
  return new GoWebError('INTERNAL', `The file system failed: ${code}`, { cause })
}

const MISSING = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'])

export function isMissing(error: unknown): boolean {
  return MISSING.has(errorCode(error))
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
}

function isSafe(path: string, allowDotfiles: boolean, isWindows: boolean): boolean {
  if (path.includes('\\')) return false
  // `C:` and NTFS streams; names that Windows takes for others by dropping dots and spaces at their end.
  if (isWindows && (/[:]/.test(path) || /[. ](?:\/|$)/.test(path))) return false
  const segments = path.split('/').filter((segment) => segment !== '')
  return segments.every((segment, index) => {
    if (!segment.startsWith('.')) return true
    if (segment === '.' || segment === '..') return false
    return allowDotfiles || (index === 0 && segment === '.well-known')
  })
}
