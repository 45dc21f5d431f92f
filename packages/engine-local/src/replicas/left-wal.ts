import type { FileHandle } from 'node:fs/promises'
import type { Account } from '../account.ts'
import { Buffer } from 'node:buffer'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { segmentAt, segmentName, segmentOf } from '@howdah/postgres'
import { hasCode, namesIn } from '../files.ts'

const pageBytes = 8192
const segmentBytes = 16 * 2 ** 20
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
 * Bring WAL from the disk of a dead primary to a replica's, where its recovery finds it. Whole pages: what it has of the first
 * one is the same there. Synced, because the replica takes what it finds for flushed.
 */
export async function bringWal(from: string, to: string, { timeline }: LeftWal, received: bigint, account: Account | undefined): Promise<void> {
  let target: { name: string, file: FileHandle } | undefined
  try {
    for await (const { page, position } of pagesFrom(join(from, 'pg_wal'), timeline, received)) {
      const name = segmentName({ timeline, number: segmentAt(position) })
      if (target?.name !== name) {
        await closed(target?.file)
        target = { name, file: await openSegment(join(to, 'pg_wal', name), account) }
      }
      await target.file.write(page, 0, pageBytes, Number(position % BigInt(segmentBytes)))
    }
  }
  finally {
    await closed(target?.file)
  }
}

/** A segment that was switched early is zero behind its last record, and the next one goes on. */
async function* pagesFrom(folder: string, timeline: number, from: bigint): AsyncGenerator<{ page: Buffer, position: bigint }> {
  // The page that holds what comes before: it is there even if nothing follows.
  const before = from > 0n ? from - 1n : 0n
  let position = before - before % BigInt(pageBytes)
  for (;;) {
    const segment = await openIfThere(join(folder, segmentName({ timeline, number: segmentAt(position) })))
    if (!segment)
      return
    const begin = position
    const end = (position / BigInt(segmentBytes) + 1n) * BigInt(segmentBytes)
    try {
      for (; position < end; position += BigInt(pageBytes)) {
        const page = Buffer.alloc(pageBytes)
        const { bytesRead } = await segment.read(page, 0, pageBytes, Number(position % BigInt(segmentBytes)))
        if (bytesRead < pageBytes || !isPage(page, timeline, position))
          break
        yield { page, position }
      }
    }
    finally {
      await segment.close()
    }
    if (position === begin)
      return
    position = end
  }
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

async function closed(file: FileHandle | undefined): Promise<void> {
  await file?.sync()
  await file?.close()
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
