import { GoWebError } from '../errors/goweb-error.ts'
import type { ByteRange } from './byte-ranges.ts'
import { fileSystemError, isMissing, type LocatedFile } from './locate-file.ts'

/** As much as is read at once: few calls for large files, little memory for each slow client. */
const CHUNK_BYTES = 131_072

/**
 * Reads part of a file at once.
 *
 * @returns undefined when the file is no longer the one that was located.
 */
export async function readFilePart(file: LocatedFile, range: ByteRange): Promise<Uint8Array | undefined> {
  const handle = await openUnchanged(file)
  if (handle === undefined) return undefined
  try {
    const bytes = new Uint8Array(range.end - range.start + 1)
    for (let offset = 0; offset < bytes.byteLength;) {
      const { bytesRead } = await handle.read(bytes, offset, bytes.byteLength - offset, range.start + offset)
      if (bytesRead === 0) return undefined
      offset += bytesRead
    }
    return bytes
  } catch (cause) {
    throw fileSystemError(cause)
  } finally {
    await handle.close()
  }
}

/**
 * Reads part of a file as it is asked for.
 *
 * The file is opened with the first chunk, so a body that is never sent holds nothing, and closed at the end, on an error or
 * when the reader leaves. Fails when the file was changed since it was located: half of it would be of another version.
 */
export async function* streamFilePart(
  file: LocatedFile,
  range: ByteRange,
): AsyncGenerator<Uint8Array, void, void> {
  const handle = await openUnchanged(file)
  if (handle === undefined) throw changed()
  try {
    for (let position = range.start; position <= range.end;) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, range.end - position + 1))
      const { bytesRead } = await handle.read(chunk, 0, chunk.byteLength, position)
      if (bytesRead === 0) throw changed()
      position += bytesRead
      yield bytesRead === chunk.byteLength ? chunk : chunk.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

/** The file handle, unless the path leads to another file by now. */
async function openUnchanged(file: LocatedFile) {
  const { constants, open } = await import('node:fs/promises')
  // The located path has no links; one that took its place meanwhile may lead out of the root.
  const flags = constants.O_RDONLY | (file.isWithinRoot ? (constants.O_NOFOLLOW ?? 0) : 0)
  const handle = await open(file.path, flags).catch((cause: unknown) => {
    if (isMissing(cause)) return undefined
    throw fileSystemError(cause)
  })
  if (handle === undefined) return undefined
  try {
    const stats = await handle.stat()
    if (stats.isFile() && stats.size === file.size && stats.mtimeMs === file.modifiedMs) return handle
  } catch (cause) {
    await handle.close()
    throw fileSystemError(cause)
  }
  await handle.close()
  return undefined
}

function changed(): GoWebError {
  return new GoWebError('UNAVAILABLE', 'The file was changed while it was sent')
}
