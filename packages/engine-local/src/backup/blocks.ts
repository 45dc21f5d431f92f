import type { Account } from '../account.ts'
import type { Archive } from '../archive/archive.ts'
import type { Job } from './job.ts'
import type { BackupFile, BackupFiles } from './manifest.ts'
import { Buffer } from 'node:buffer'
import { closeSync, constants, fchownSync, openSync, write, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hasCode } from '@howdah/machine'
import { letGo } from '../archive/let-go.ts'
import { makeFolder } from '../files.ts'
import { Lane } from './lane.ts'
import { blockPath, IncompleteBackup } from './manifest.ts'
import { patiently } from './patiently.ts'

/** What is compressed, sealed and stored at a time: files are put into blocks one after the other. */
const blockBytes = 8 * 2 ** 20
/** Blocks on their way at a time: enough for the processors of a small machine and the latency of a store. */
const atATime = 4
/**
 * Memory of a process that fetches, at its peak: each block on its way is there as it is stored, as it is unsealed and as it was, where
 * nothing of it can be compressed, and a store may have it in pieces before. The rest is Node.
 */
export const mostMemoryBytes = atATime * 4 * blockBytes + 128 * 2 ** 20
/**
 * What a file is written in. Linux puts larger writes into pages of up to 2 MiB, and a virtual machine whose host takes back
 * free memory has to be given each of those anew: for 1.5 GB in writes of 8 MiB that took the kernel 1 to 3 s of a
 * processor, in these 0.3 s.
 */
const writeBytes = 2 ** 18

const writeSome = promisify(write)

/** What became of files. */
export interface Stored {
  readonly files: readonly BackupFile[]
  readonly blocks: number
  readonly dataBytes: number
  readonly storedBytes: number
}

/** Copy files of a running server into blocks of the archive. One that vanishes meanwhile was dropped, and is not needed. */
export async function intoBlocks(archive: Archive, backup: string, data: string, paths: readonly string[], job: Pick<Job, 'say' | 'signal'>, report: (bytes: number) => void): Promise<Stored> {
  const files: BackupFile[] = []
  const under = new Lane(atATime)
  /** Those that are stored: to fill one again costs less than to be given new memory. */
  const free: Buffer<ArrayBuffer>[] = []
  let [block, blocks, used, dataBytes, storedBytes] = [Buffer.allocUnsafe(blockBytes), 0, 0, 0, 0]

  async function flush(): Promise<void> {
    if (used === 0)
      return
    const [full, content, path] = [block, block.subarray(0, used), blockPath(backup, blocks)]
    await under.add(async () => {
      storedBytes += (await patiently(job, async () => await archive.put(path, content, new Date()))).bytes
      dataBytes += content.length
      free.push(full)
      report(dataBytes)
    });
    [block, used] = [free.pop() ?? Buffer.allocUnsafe(blockBytes), 0]
    blocks++
  }

  for (const path of paths) {
    job.signal.throwIfAborted()
    const file = await openIfThere(join(data, path))
    if (!file)
      continue
    try {
      const parts: [number, number, number][] = []
      for (;;) {
        const { bytesRead } = await file.read(block, used, blockBytes - used)
        if (bytesRead === 0)
          break
        parts.push([blocks, used, bytesRead])
        used += bytesRead
        if (used === blockBytes)
          await flush()
      }
      files.push({ path, parts })
    }
    finally {
      await file.close()
    }
  }
  await flush()
  await under.end()
  return { files, blocks, dataBytes, storedBytes }
}

interface Piece {
  readonly path: string
  readonly position: number
  readonly offset: number
  readonly length: number
}

/** Write the files of a backup into an empty folder, as the account's. Not synced. */
export async function outOfBlocks(archive: Archive, backup: string, { files, folders }: BackupFiles, data: string, account: Account | undefined, job: Pick<Job, 'say' | 'signal'>, report: (bytes: number) => void): Promise<void> {
  for (const folder of folders)
    await makeFolder(join(data, folder), 0o700, account)
  const under = new Lane(atATime)
  for (const { path } of files.filter(({ parts }) => parts.length === 0))
    await under.add(async () => await writePart(join(data, path), Buffer.alloc(0), 0, account))
  let bytes = 0
  for (const [block, pieces] of piecesByBlock(files)) {
    job.signal.throwIfAborted()
    await under.add(async () => {
      const found = await patiently(job, async () => await archive.get(blockPath(backup, block)))
      if (!found)
        throw new IncompleteBackup(`block ${block} of the backup ${backup} is missing`)
      for (const { path, position, offset, length } of pieces) {
        if (offset + length > found.content.length)
          throw new IncompleteBackup(`block ${block} of the backup ${backup} is too short`)
        await writePart(join(data, path), found.content.subarray(offset, offset + length), position, account)
      }
      bytes += found.content.length
      letGo(found.content)
      report(bytes)
    })
  }
  await under.end()
}

function piecesByBlock(files: readonly BackupFile[]): ReadonlyMap<number, readonly Piece[]> {
  const byBlock = new Map<number, Piece[]>()
  for (const { path, parts } of files) {
    let position = 0
    for (const [block, offset, length] of parts) {
      const pieces = byBlock.get(block) ?? []
      byBlock.set(block, pieces)
      pieces.push({ path, position, offset, length })
      position += length
    }
  }
  return byBlock
}

async function openIfThere(path: string) {
  try {
    return await open(path, 'r')
  }
  catch (error) {
    if (hasCode(error, 'ENOENT'))
      return undefined
    throw error
  }
}

/**
 * A part of a file, which whoever has the first of its parts makes. What is done in microseconds is done here: to have another thread do
 * it takes longer, and a new database is a thousand small files.
 */
async function writePart(path: string, content: Uint8Array, position: number, account: Account | undefined): Promise<void> {
  const file = openSync(path, constants.O_CREAT | constants.O_WRONLY, 0o600)
  try {
    if (account)
      fchownSync(file, account.uid, account.gid)
    // A disk that is almost full takes a part, and only then says so.
    for (let written = 0; written < content.length;) {
      const most = Math.min(writeBytes, content.length - written)
      written += most < writeBytes ? writeSync(file, content, written, most, position + written) : (await writeSome(file, content, written, most, position + written)).bytesWritten
    }
  }
  finally {
    closeSync(file)
  }
}
