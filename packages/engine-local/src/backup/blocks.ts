import type { Account } from '../account.ts'
import type { Archive } from '../archive/archive.ts'
import type { Job } from './job.ts'
import type { BackupFile, BackupFiles } from './manifest.ts'
import { Buffer } from 'node:buffer'
import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hasCode, makeFolder } from '../files.ts'
import { Lane } from './lane.ts'
import { blockPath, IncompleteBackup } from './manifest.ts'
import { patiently } from './patiently.ts'

/** What is compressed, sealed and stored at a time: files are put into blocks one after the other. */
const blockBytes = 8 * 2 ** 20
/** Blocks on their way at a time: enough for the processors of a small machine and the latency of a store. */
const atATime = 4

/** Copy files of a running server into blocks of the archive. One that vanishes meanwhile was dropped, and is not needed. */
export async function storeFiles(archive: Archive, backup: string, data: string, paths: readonly string[], job: Job, report: (bytes: number) => void): Promise<{ files: BackupFile[], blocks: number, dataBytes: number, storedBytes: number }> {
  const files: BackupFile[] = []
  const under = new Lane(atATime)
  let [block, blocks, used, dataBytes, storedBytes] = [Buffer.allocUnsafe(blockBytes), 0, 0, 0, 0]

  async function flush(): Promise<void> {
    if (used === 0)
      return
    const [content, path] = [block.subarray(0, used), blockPath(backup, blocks)]
    await under.add(async () => {
      storedBytes += (await patiently(job, async () => await archive.put(path, content, new Date()))).bytes
      dataBytes += content.length
      report(dataBytes)
    });
    [block, used] = [Buffer.allocUnsafe(blockBytes), 0]
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

/** Write the files of a backup into an empty folder, as the account's. Not synced. */
export async function fetchFiles(archive: Archive, backup: string, { files, folders }: BackupFiles, data: string, account: Account | undefined, job: Job, report: (bytes: number) => void): Promise<void> {
  for (const folder of folders)
    await makeFolder(join(data, folder), 0o700, account)
  const byBlock = new Map<number, { path: string, position: number, offset: number, length: number }[]>()
  for (const { path, parts } of files) {
    await create(join(data, path), account)
    let position = 0
    for (const [block, offset, length] of parts) {
      const pieces = byBlock.get(block) ?? []
      byBlock.set(block, pieces)
      pieces.push({ path, position, offset, length })
      position += length
    }
  }
  const under = new Lane(atATime)
  let bytes = 0
  for (const [block, pieces] of byBlock) {
    job.signal.throwIfAborted()
    await under.add(async () => {
      const found = await patiently(job, async () => await archive.get(blockPath(backup, block)))
      if (!found)
        throw new IncompleteBackup(`block ${block} of the backup ${backup} is missing`)
      for (const { path, position, offset, length } of pieces) {
        if (offset + length > found.content.length)
          throw new IncompleteBackup(`block ${block} of the backup ${backup} is too short`)
        await writeAt(join(data, path), found.content.subarray(offset, offset + length), position)
      }
      bytes += found.content.length
      report(bytes)
    })
  }
  await under.end()
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

async function create(path: string, account: Account | undefined): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const file = await open(path, 'wx', 0o600)
  try {
    if (account)
      await file.chown(account.uid, account.gid)
  }
  finally {
    await file.close()
  }
}

async function writeAt(path: string, content: Uint8Array, position: number): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.write(content, 0, content.length, position)
  }
  finally {
    await file.close()
  }
}
