import type { ByteRange } from './byte-ranges.ts'
import type { LocatedFile } from './locate-file.ts'
import { streamFilePart } from './read-file.ts'

/** A part of a file as the body of a reply: read as it is asked for, or sent by a runtime that can do it without reading. */
export class FileBody implements AsyncIterable<Uint8Array> {
  readonly file: LocatedFile
  readonly range: ByteRange

  constructor(file: LocatedFile, range: ByteRange) {
    this.file = file
    this.range = range
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    return streamFilePart(this.file, this.range)
  }
}
