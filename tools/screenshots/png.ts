import { Buffer } from 'node:buffer'
import { constants, crc32, deflateSync, inflateSync } from 'node:zlib'

const signatureBytes = 8

/** The same picture in fewer bytes: browsers compress for speed, and write what nobody reads. */
export function recompress(png: Buffer): Buffer {
  const chunks = [...chunksOf(png)]
  const pixels = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)))
  const smaller = deflateSync(pixels, { level: 9, memLevel: 9, strategy: constants.Z_FILTERED })
  return Buffer.concat([
    png.subarray(0, signatureBytes),
    ...chunks.filter(({ type }) => type === 'IHDR' || type === 'PLTE').map(({ type, data }) => chunk(type, data)),
    chunk('IDAT', smaller),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function* chunksOf(png: Buffer): Generator<{ type: string, data: Buffer }> {
  for (let at = signatureBytes; at < png.length;) {
    const length = png.readUInt32BE(at)
    yield { type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) }
    at += length + 12
  }
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}
