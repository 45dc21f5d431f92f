import type { FileHandle } from 'node:fs/promises'
import type { Account } from '../account.ts'
import { Buffer } from 'node:buffer'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '@howdah/machine'
import { endOfSegment, segmentAt, segmentBefore, segmentName, segmentOf } from '@howdah/postgres'
import { namesIn } from '../files.ts'

const pageBytes = 8192
const segmentBytes = 16 * 2 ** 20
/** Read at once where there is much to read. */
const readBytes = 2 ** 20
/** In the header of each page of WAL: timeline and position of the page. */
const timelineOffset = 4
const positionOffset = 8
/** Records begin at multiples of this. */
const alignment = 8n

/** WAL on the disk of a server that runs no more. */
export interface LeftWal {
  readonly timeline: number
  readonly end: bigint
}

/** A segment that is being brought, up to `end`. */
interface Target {
  readonly name: string
  readonly file: FileHandle
  end: number
}

/**
 * Where the WAL of a dead server ends that is on disk from `from` on. A page is of this WAL when its header says so: what
 * lies behind was made ahead of need or is older. The last record may be torn; nobody was told that it is there.
 */
export async function readLeftWal(data: string, from: bigint): Promise<LeftWal | undefined> {
  const folder = join(data, 'pg_wal')
  const timeline = Math.max(0, ...(await namesIn(folder)).map(name => segmentOf(name)?.timeline ?? 0))
  if (timeline === 0)
    return undefined
  let end: bigint | undefined
  for await (const { page, position } of pagesFrom(folder, timeline, from))
    end = position + BigInt(lastUsed(page))
  if (end === undefined)
    return undefined
  const aligned = (end + alignment - 1n) / alignment * alignment
  return { timeline, end: aligned > from ? aligned : from }
}

/**
 * Whether what is left reaches a position that was seen before: a disk that has lost a part of it has what comes before that part only. Records
 * may end with zeros, and what lies behind a switch is zero.
 */
export async function reaches(data: string, { end, timeline }: LeftWal, position: bigint): Promise<boolean> {
  if (position <= end)
    return true
  const number = segmentBefore(end)
  if (position > endOfSegment(number))
    return false
  const segment = await openIfThere(join(data, 'pg_wal', segmentName({ timeline, number })))
  try {
    const length = Number(position - end)
    const read = await segment?.read(Buffer.alloc(length), 0, length, segmentBytes - Number(endOfSegment(number) - end))
    return read?.bytesRead === length && read.buffer.every(byte => byte === 0)
  }
  finally {
    await segment?.close()
  }
}

/**
 * Bring WAL from the disk of a dead primary to a replica's, where its recovery finds it. Whole pages: what it has of the first
 * one is the same there. Synced, because the replica takes what it finds for flushed. Behind the last page of a segment it is zero, as
 * in the one that the primary archived, and not what was in a file that the replica uses again.
 */
export async function bringWal(from: string, to: string, { timeline }: LeftWal, received: bigint, account: Account | undefined): Promise<void> {
  let target: Target | undefined
  try {
    for await (const { page, position } of pagesFrom(join(from, 'pg_wal'), timeline, received)) {
      const name = segmentName({ timeline, number: segmentAt(position) })
      if (target?.name !== name) {
        await finished(target)
        target = { name, file: await openSegment(join(to, 'pg_wal', name), account), end: 0 }
      }
      const offset = offsetOf(position)
      await target.file.write(page, 0, pageBytes, offset)
      target.end = offset + pageBytes
    }
  }
  finally {
    await finished(target)
  }
}

/**
 * A primary that switches early leaves the rest of the segment zero, and sends that too, by whole pages. So a position at the beginning of a page may
 * have nothing but zeros before it, and what a replica lacks may be zeros only.
 */
export function mayBeBehindSwitch(position: bigint): boolean {
  return position % BigInt(pageBytes) === 0n
}

/** A segment that was switched early is zero behind its last record, and the next one goes on. */
async function* pagesFrom(folder: string, timeline: number, from: bigint): AsyncGenerator<{ page: Buffer, position: bigint }> {
  // The page that holds what comes before: it is there even if nothing follows.
  const before = from > 0n ? from - 1n : 0n
  const first = before - before % BigInt(pageBytes)
  let position = first
  for (;;) {
    const segment = await openIfThere(join(folder, segmentName({ timeline, number: segmentAt(position) })))
    if (!segment)
      return
    const begin = position
    const end = endOfSegment(segmentAt(position))
    try {
      for (; position < end; position += BigInt(pageBytes)) {
        const page = await pageAt(segment, position)
        if (!isPage(page, timeline, position))
          break
        yield { page, position }
      }
      if (position === begin) {
        if (begin !== first || !await isBehindSwitch(segment, timeline, begin))
          return
        yield { page: Buffer.alloc(pageBytes), position }
      }
    }
    finally {
      await segment.close()
    }
    position = end
  }
}

/** Zero from here to the end of a segment that has begun. A page that a broken disk has lost has others behind it. */
async function isBehindSwitch(segment: FileHandle, timeline: number, position: bigint): Promise<boolean> {
  const begin = position - BigInt(offsetOf(position))
  if (!isPage(await pageAt(segment, begin), timeline, begin))
    return false
  const zeros = Buffer.alloc(readBytes)
  for (let at = offsetOf(position); at < segmentBytes; at += readBytes) {
    const length = Math.min(readBytes, segmentBytes - at)
    const { bytesRead, buffer } = await segment.read(Buffer.alloc(length), 0, length, at)
    if (bytesRead < length || !buffer.equals(zeros.subarray(0, length)))
      return false
  }
  return true
}

/** Empty where the file ends before. */
async function pageAt(segment: FileHandle, position: bigint): Promise<Buffer> {
  const page = Buffer.alloc(pageBytes)
  const { bytesRead } = await segment.read(page, 0, pageBytes, offsetOf(position))
  return bytesRead < pageBytes ? Buffer.alloc(pageBytes) : page
}

function offsetOf(position: bigint): number {
  return Number(position % BigInt(segmentBytes))
}

function isPage(page: Buffer, timeline: number, position: bigint): boolean {
  return page.readUInt16LE(0) !== 0 && page.readUInt32LE(timelineOffset) === timeline && page.readBigUInt64LE(positionOffset) === position
}

/** Pages are filled from the front and zero behind. */
function lastUsed(page: Buffer): number {
  return page.findLastIndex(byte => byte !== 0) + 1
}

async function openSegment(path: string, account: Account | undefined): Promise<FileHandle> {
  const there = await openIfThere(path, 'r+')
  if (there)
    return there
  const file = await open(path, 'wx+', 0o600)
  if (account)
    await file.chown(account.uid, account.gid)
  // A segment is whole from its beginning.
  await file.truncate(segmentBytes)
  return file
}

async function finished(target: Target | undefined): Promise<void> {
  if (!target)
    return
  const { end, file } = target
  try {
    await file.truncate(end)
    await file.truncate(segmentBytes)
    await file.sync()
  }
  finally {
    await file.close()
  }
}

async function openIfThere(path: string, flags = 'r'): Promise<FileHandle | undefined> {
  try {
    return await open(path, flags)
  }
  catch (error) {
    if (hasCode(error, 'ENOENT'))
      return undefined
    throw error
  }
}
