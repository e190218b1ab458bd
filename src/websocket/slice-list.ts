const EMPTY = new Uint8Array(0)
const COPIED_BYTE_BY_BYTE = 64
// One large turn must not leave large arrays behind.
const MAX_KEPT = 256

/**
 * Slices of buffers in order; what is adjacent in memory becomes one slice.
 *
 * Kept as three arrays and reused, so that a turn allocates nothing for its bookkeeping. Each slice has a mark: the position
 * among the turn's topic messages at which it was added (see `mergeTurn`).
 */
export class SliceList {
  readonly buffers: Uint8Array[] = []
  readonly starts: number[] = []
  readonly ends: number[] = []
  readonly marks: number[] = []
  count = 0
  /** Bytes of all slices. */
  size = 0

  add(buffer: Uint8Array, start: number, end: number, mark: number): void {
    if (start === end) return
    this.size += end - start
    const last = this.count - 1
    if (
      last >= 0 &&
      this.marks[last] === mark &&
      this.ends[last] === start &&
      this.buffers[last] === buffer
    ) {
      this.ends[last] = end
      return
    }
    this.buffers[this.count] = buffer
    this.starts[this.count] = start
    this.ends[this.count] = end
    this.marks[this.count] = mark
    this.count++
  }

  /** A view of one slice. */
  view(index: number): Uint8Array {
    // Callers stay below count, where all arrays are filled.
    return this.buffers[index]!.subarray(this.starts[index], this.ends[index])
  }

  views(): Uint8Array[] {
    return Array.from({ length: this.count }, (_, index) => this.view(index))
  }

  /** Copies all slices one after another. */
  copyTo(target: Uint8Array, at: number): void {
    let next = at
    for (let i = 0; i < this.count; i++) {
      const buffer = this.buffers[i]!
      const start = this.starts[i]!
      const end = this.ends[i]!
      if (end - start > COPIED_BYTE_BY_BYTE) target.set(this.view(i), next)
      // Making a view costs more than so few bytes.
      else for (let from = start, to = next; from < end; from++, to++) target[to] = buffer[from]!
      next += end - start
    }
  }

  /** Empties it and lets go of the buffers. */
  clear(): void {
    if (this.count > MAX_KEPT)
      this.buffers.length = this.starts.length = this.ends.length = this.marks.length = 0
    else for (let i = 0; i < this.count; i++) this.buffers[i] = EMPTY
    this.count = 0
    this.size = 0
  }
}
