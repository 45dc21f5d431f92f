import { randomBytes } from 'node:crypto'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32c } from './crc32c.ts'

/**
 * Give the copy of a cleanly stopped data folder a system identifier of its own, as `pg_resetwal` would: servers
 * compare identifiers to refuse the WAL and the base backups of others.
 *
 * It stands in two places: first in `global/pg_control`, which ends in a CRC-32C, and in the first page of each WAL
 * segment (`XLogLongPageHeaderData`, not covered by any checksum). Both are checked to be what we think they are
 * before anything is written; a file of another shape is refused.
 */
export async function renewSystemIdentifier(dataFolder: string): Promise<void> {
  const control = await open(join(dataFolder, 'global', 'pg_control'), 'r+')
  try {
    const content = await control.readFile()
    const crcOffset = findCrc(content)
    const old = content.readBigUInt64LE(0)
    const identifier = newIdentifier()
    content.writeBigUInt64LE(identifier, 0)
    content.writeUInt32LE(crc32c(content.subarray(0, crcOffset)), crcOffset)
    if (await renewSegments(join(dataFolder, 'pg_wal'), old, identifier) === 0)
      throw new Error('no WAL segment carries the identifier of its data folder')
    await control.write(content, 0, content.length, 0)
    await control.sync()
  }
  finally {
    await control.close()
  }
}

/** Like `initdb`: seconds in the upper half, so that identifiers sort by age. */
function newIdentifier(): bigint {
  return (BigInt(Math.floor(Date.now() / 1000)) << 32n) | BigInt(randomBytes(4).readUInt32LE())
}

/** The checksum's place differs between majors; only one place holds the checksum of everything before it. */
function findCrc(content: Uint8Array): number {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
  for (let offset = 200; offset <= 500; offset += 4) {
    if (view.getUint32(offset, true) === crc32c(content.subarray(0, offset)))
      return offset
  }
  throw new Error('pg_control holds no checksum where one is expected')
}

const longHeaderFlag = 0x0002
/** Offsets in `XLogPageHeaderData` (24 bytes with padding) and after it. */
const infoOffset = 2
const identifierOffset = 24

async function renewSegments(folder: string, old: bigint, identifier: bigint): Promise<number> {
  const names = (await readdir(folder)).filter(name => /^[0-9A-F]{24}$/.test(name))
  let renewed = 0
  for (const name of names) {
    const segment = await open(join(folder, name), 'r+')
    try {
      const { buffer: header } = await segment.read(new Uint8Array(40), 0, 40, 0)
      const view = new DataView(header.buffer)
      // A segment that was made ahead of need has no header yet.
      if ((view.getUint16(infoOffset, true) & longHeaderFlag) === 0 || view.getBigUint64(identifierOffset, true) !== old)
        continue
      view.setBigUint64(identifierOffset, identifier, true)
      await segment.write(header, 0, 40, 0)
      renewed++
    }
    finally {
      await segment.close()
    }
  }
  return renewed
}
