import type { Account } from './account.ts'
import { randomBytes } from 'node:crypto'
import { chmod, chown, link, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hasCode, readIfThere } from '@howdah/machine'

const temporaryName = /\.[0-9a-f]{12}\.tmp$/

function temporaryOf(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}.tmp`
}

/** Remove what a process that was killed had begun to write here. Nobody else may be writing. */
export async function removeHalfWritten(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter(name => temporaryName.test(name))
  await Promise.all(names.map(async name => await rm(join(folder, name), { force: true })))
}

/** Write so that readers see the old text or the new one, never a part. `durable`: it also survives a power cut. */
export async function writeAtomically(
  path: string,
  text: string,
  options: { mode: number, owner?: Account | undefined, durable: boolean },
): Promise<void> {
  const temporary = temporaryOf(path)
  try {
    const file = await open(temporary, 'wx', options.mode)
    try {
      await file.writeFile(text)
      if (options.owner)
        await file.chown(options.owner.uid, options.owner.gid)
      if (options.durable)
        await file.sync()
    }
    finally {
      await file.close()
    }
    await rename(temporary, path)
  }
  catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  if (options.durable)
    await syncFolder(dirname(path))
}

/** Create a file with its whole text. False when there is one: of several who try, one succeeds. */
export async function createOnce(path: string, text: string, mode: number): Promise<boolean> {
  const temporary = temporaryOf(path)
  try {
    await writeFile(temporary, text, { mode, flag: 'wx' })
    await link(temporary, path)
    return true
  }
  catch (error) {
    if (hasCode(error, 'EEXIST'))
      return false
    throw error
  }
  finally {
    await rm(temporary, { force: true })
  }
}

/** Make a file that was written before survive a power cut; its name is its folder's. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  }
  finally {
    await file.close()
  }
}

/** Make the names in a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  }
  finally {
    await folder.close()
  }
}

/** What is in a folder; nothing where there is none. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  }
  catch (error) {
    if (hasCode(error, 'ENOENT'))
      return []
    throw error
  }
}

/** What a file of JSON says; undefined when there is none, or none that is whole. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readIfThere(path)
  try {
    return text === undefined ? undefined : JSON.parse(text)
  }
  catch (error) {
    if (error instanceof SyntaxError)
      return undefined
    throw error
  }
}

/** Create a folder of exactly this mode and owner, whatever the umask. */
export async function makeFolder(path: string, mode: number, owner?: Account): Promise<void> {
  await mkdir(path, { recursive: true, mode })
  await chmod(path, mode)
  if (owner)
    await chown(path, owner.uid, owner.gid)
}
