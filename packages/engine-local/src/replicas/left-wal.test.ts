import type { LeftWal } from './left-wal.ts'
import { Buffer } from 'node:buffer'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { endOfSegment, segmentName } from '@howdah/postgres'
import { temporaryFolder } from '@howdah/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bringWal, readLeftWal } from './left-wal.ts'

const pageBytes = 8192
const segmentBytes = 16 * 2 ** 20
const timeline = 3
/** The segment that is looked at, and where it begins. */
const number = 5
const begin = endOfSegment(number - 1)

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let primary: string
let replica: string
beforeEach(async () => {
  folder = await temporaryFolder()
  primary = join(folder.path, 'primary')
  replica = join(folder.path, 'replica')
  for (const data of [primary, replica])
    await mkdir(join(data, 'pg_wal'), { recursive: true })
})
afterEach(async () => await folder.remove())

/** A page as PostgreSQL begins it, with so many bytes in use. */
function page(position: bigint, used = pageBytes): Buffer {
  const bytes = Buffer.alloc(pageBytes)
  bytes.fill(7, 0, used)
  bytes.writeUInt16LE(0xD118, 0)
  bytes.writeUInt32LE(timeline, 4)
  bytes.writeBigUInt64LE(position, 8)
  return bytes
}

/** A segment with so many pages of WAL, `used` bytes in the last one, on what `behind` says. */
function segment(number: number, pages: number, used: number, behind: Buffer = Buffer.alloc(segmentBytes)): Buffer {
  const bytes = Buffer.from(behind)
  const begin = endOfSegment(number - 1)
  for (let index = 0; index < pages; index++)
    page(begin + BigInt(index * pageBytes), index === pages - 1 ? used : pageBytes).copy(bytes, index * pageBytes)
  return bytes
}

async function put(data: string, number: number, bytes: Buffer): Promise<void> {
  await writeFile(join(data, 'pg_wal', segmentName({ timeline, number })), bytes)
}

/** What is in a file that is used again: pages of a segment long ago. */
const stale = segment(1, segmentBytes / pageBytes, pageBytes)

describe('the WAL that a dead primary has left', () => {
  it('ends with the last byte that is used, whatever a file has behind that', async () => {
    await put(primary, number, segment(number, 3, 160, stale))
    // On a page that is in use it is zero behind that.
    expect(await readLeftWal(primary, begin + 100n)).toEqual({ timeline, end: begin + BigInt(2 * pageBytes + 160) })
  })

  it('goes on in the next segment where one was switched early, from wherever behind the switch it is looked for', async () => {
    await put(primary, number, segment(number, 3, 160))
    await put(primary, number + 1, segment(number + 1, 1, 400, stale))
    for (const from of [begin + 100n, begin + BigInt(3 * pageBytes), begin + BigInt(100 * pageBytes), endOfSegment(number)])
      expect(await readLeftWal(primary, from), String(from)).toEqual({ timeline, end: endOfSegment(number) + 400n })
  })

  it('ends where it is looked for when nothing was written behind a switch', async () => {
    await put(primary, number, segment(number, 3, 160))
    await put(primary, number + 1, stale)
    for (const from of [begin + BigInt(100 * pageBytes), endOfSegment(number)])
      expect(await readLeftWal(primary, from), String(from)).toEqual({ timeline, end: from })
  })

  it('is not known where a page is lost amid others, or the segment never began', async () => {
    const damaged = segment(number, 9, 160)
    damaged.fill(0, 4 * pageBytes, 5 * pageBytes)
    await put(primary, number, damaged)
    expect(await readLeftWal(primary, begin + BigInt(5 * pageBytes))).toBeUndefined()
    await put(primary, number, Buffer.alloc(segmentBytes))
    expect(await readLeftWal(primary, begin + BigInt(5 * pageBytes))).toBeUndefined()
  })
})

describe('WAL that is brought', () => {
  const [whole, next] = [segment(number, 3, 160), segment(number + 1, 2, 400)]
  beforeEach(async () => {
    await put(primary, number, whole)
    await put(primary, number + 1, next)
  })

  it.each<[string, bigint, number]>([
    ['amid what was sent', begin + 100n, 1],
    ['at the end of the page that the switch is in', begin + BigInt(3 * pageBytes), 3],
    ['amid the zeros behind the switch', begin + BigInt(100 * pageBytes), 100],
  ])('is what the primary had, to the byte, also in a file that is used again: the replica is %s', async (_, received, pages) => {
    const begun = Buffer.from(stale)
    whole.copy(begun, 0, 0, pages * pageBytes)
    await put(replica, number, begun)
    await put(replica, number + 1, stale)
    const left = await readLeftWal(primary, received)
    expect(left).toBeDefined()
    await bringWal(primary, replica, left as LeftWal, received, undefined)
    for (const [at, bytes] of [[number, whole], [number + 1, next]] as const)
      expect((await readFile(join(replica, 'pg_wal', segmentName({ timeline, number: at })))).equals(bytes), `segment ${at}`).toBe(true)
  })
})
