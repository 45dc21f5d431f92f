import { Buffer } from 'node:buffer'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'

/*
 * Node gives out what a compressor makes in pieces of 16 KiB, and fetches each from another thread: for a block of a backup
 * that takes several times as long as the work itself. So it is given room for all of it at once.
 */

const zip = promisify(zstdCompress)
const unzip = promisify(zstdDecompress)

/** Levels above cost several times the processor for some percent of size. */
const params = { [constants.ZSTD_c_compressionLevel]: 1 }

/** Node takes no less. */
const leastPiece = 64
/** Of a frame that does not say how much is in it, as earlier releases made them. */
const usualPiece = 2 ** 20

export async function compress(content: Uint8Array): Promise<Buffer> {
  // Its head says how much is in it. What cannot be compressed becomes larger by less than this.
  return await zip(content, { params, pledgedSrcSize: content.length, chunkSize: content.length + (content.length >> 8) + 1024 })
}

export async function decompress(compressed: Uint8Array): Promise<Buffer> {
  // Where its room is full, it asks whether there is more.
  return await unzip(compressed, { chunkSize: Math.max(leastPiece, (contentSize(compressed) ?? usualPiece) + 1) })
}

/** How much is in a frame, as its head says (RFC 8878, 3.1.1.1). */
export function contentSize(frame: Uint8Array): number | undefined {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)
  const descriptor = bytes[4]
  if (descriptor === undefined)
    return undefined
  const isSingleSegment = (descriptor & 0x20) !== 0
  const at = 5 + (isSingleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!
  const width = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!
  if (width === 0 || bytes.length < at + width)
    return undefined
  return width === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUIntLE(at, width) + (width === 2 ? 256 : 0)
}
