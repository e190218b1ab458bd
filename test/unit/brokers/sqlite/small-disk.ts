import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, rmdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of its own of a few megabytes, in memory. */
export class SmallDisk {
  readonly folder: string

  /** Throws where the process may not mount. */
  constructor(bytes: number) {
    this.folder = mkdtempSync(join(tmpdir(), 'goweb-disk-'))
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', this.folder], { stdio: 'pipe' })
    } catch (error) {
      rmdirSync(this.folder)
      throw error
    }
  }

  /** Leaves no room at all. */
  fill(): void {
    for (const size of [65_536, 4_096]) {
      for (let part = 0; ; part++) {
        try {
          writeFileSync(join(this.folder, `filler-${size}-${part}`), Buffer.alloc(size))
        } catch {
          break
        }
      }
    }
  }

  free(): void {
    execFileSync('sh', ['-c', 'rm -f "$0"/filler-*', this.folder])
  }

  makeReadOnly(): void {
    execFileSync('mount', ['-o', 'remount,ro', this.folder], { stdio: 'pipe' })
  }

  close(): void {
    execFileSync('umount', ['-l', this.folder], { stdio: 'pipe' })
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A small disk, or why there is none. */
export function trySmallDisk(bytes: number): SmallDisk | string {
  try {
    return new SmallDisk(bytes)
  } catch {
    return 'this process may not mount file systems'
  }
}
