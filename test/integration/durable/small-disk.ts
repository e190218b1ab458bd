import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BLOCKS = [1 << 16, 1 << 12, 1 << 9, 1]

/** A file system of a few megabytes in memory, which can be filled up. */
export class SmallDisk {
  readonly folder: string
  readonly #ballast: string

  private constructor(folder: string) {
    this.folder = folder
    this.#ballast = join(folder, 'ballast')
  }

  /** Mounts one; gives the reason where that is not allowed. */
  static mount(megabytes: number): SmallDisk | string {
    const folder = mkdtempSync(join(tmpdir(), 'goweb-disk-'))
    try {
      const options = ['-t', 'tmpfs', '-o', `size=${Math.ceil(megabytes)}m`, 'goweb-test', folder]
      execFileSync('mount', options, { stdio: 'ignore' })
      return new SmallDisk(folder)
    } catch {
      rmdirSync(folder)
      return 'no file system can be mounted here: it takes root on Linux'
    }
  }

  /** Leaves no byte free. */
  fill(): void {
    const file = openSync(this.#ballast, 'a')
    for (const length of BLOCKS) {
      const block = Buffer.alloc(length)
      try {
        for (;;) writeSync(file, block)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    }
    closeSync(file)
  }

  /** Gives back what {@link fill} took. */
  free(): void {
    rmSync(this.#ballast, { force: true })
  }

  unmount(): void {
    execFileSync('umount', ['--lazy', this.folder], { stdio: 'ignore' })
    rmdirSync(this.folder)
  }
}
