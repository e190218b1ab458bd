/** The standard output and the time around it, as {@link StdoutLines} needs them. */
export interface LineOutput {
  /**
   * Writes as much as goes without waiting.
   *
   * @returns how many bytes were taken. Throws when the reader has gone.
   */
  write(bytes: Uint8Array): number
  /** Calls back at the end of this turn of the event loop. */
  soon(callback: () => void): void
  /** Calls back after a time, unless the process ends before. */
  later(ms: number, callback: () => void): void
  /** Calls back when the process ends; then only what is synchronous counts. */
  onExit(callback: () => void): void
  /** Does nothing for a time; only at the end of the process. */
  sleep(ms: number): void
}

/** What is used of `process` where there is one, as on Node and Bun. */
interface Process {
  readonly stdout?: { readonly writableLength?: number }
  on?(event: 'exit', listener: () => void): unknown
  getBuiltinModule?(name: 'node:fs'): { writeSync(fd: number, bytes: Uint8Array): number } | undefined
}

const STDOUT_FD = 1

/**
 * The standard output of this process; without a file system that of the console.
 *
 * On Node and Bun the descriptor is written to itself: what `process.stdout` cannot write at once it keeps, and loses when the
 * process exits.
 */
export function standardOutput(
  process: Process | undefined = (globalThis as { process?: Process }).process,
): LineOutput {
  const fs = process?.getBuiltinModule?.('node:fs')
  return {
    write:
      fs === undefined || process === undefined ? writeToConsole : (bytes) => writeNow(process, fs, bytes),
    soon: (callback) => {
      if (typeof setImmediate === 'function') setImmediate(callback)
      else setTimeout(callback, 0)
    },
    later: (ms, callback) => {
      const timer: unknown = setTimeout(callback, ms)
      // Where timers are objects they can let the process end, which writes the rest.
      if (typeof timer === 'object') (timer as { unref?(): void }).unref?.()
    },
    onExit: (callback) => void process?.on?.('exit', callback),
    sleep: (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
  }
}

function writeNow(
  process: Process,
  fs: { writeSync(fd: number, bytes: Uint8Array): number },
  bytes: Uint8Array,
): number {
  // Asking for the stream makes a pipe one that does not block. What others wrote to it goes first.
  if ((process.stdout?.writableLength ?? 0) > 0) return 0
  try {
    return fs.writeSync(STDOUT_FD, bytes)
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EINTR'))
      return 0
    throw error
  }
}

function writeToConsole(bytes: Uint8Array): number {
  // oxlint-disable-next-line eslint/no-console -- the only output that there is
  console.log(new TextDecoder().decode(bytes).trimEnd())
  return bytes.byteLength
}
