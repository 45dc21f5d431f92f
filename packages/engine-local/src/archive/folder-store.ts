import type { Buffer } from 'node:buffer'
import type { ObjectStore, StoredObject } from './object-store.ts'
import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Ends the names of files that are being written. */
const unfinished = '.tmp'

/** Objects as files below a folder. */
export function folderStore(root: string): ObjectStore {
  return {
    async put(key, body) {
      await write(join(root, key), body, rename)
    },

    async putNew(key, body) {
      try {
        await write(join(root, key), body, link)
        return true
      }
      catch (error) {
        if (isCode(error, 'EEXIST'))
          return false
        throw error
      }
    },

    async get(key) {
      return await orUndefined(async () => await readFile(join(root, key)))
    },

    async has(key) {
      return await orUndefined(async () => await stat(join(root, key))) !== undefined
    },

    async list(folder) {
      const entries = await orUndefined(async () => await readdir(join(root, folder), { withFileTypes: true, recursive: true })) ?? []
      const files = entries.filter(entry => entry.isFile() && !entry.name.endsWith(unfinished))
      const found = await Promise.all(files.map(async (entry): Promise<StoredObject | undefined> => {
        const path = join(entry.parentPath, entry.name)
        const seen = await orUndefined(async () => await stat(path))
        return seen && { key: path.slice(root.length + 1), bytes: seen.size, storedAt: seen.mtime }
      }))
      return found.filter(object => object !== undefined)
    },

    async folders(folder) {
      const entries = await orUndefined(async () => await readdir(join(root, folder), { withFileTypes: true })) ?? []
      return entries.filter(entry => entry.isDirectory()).map(({ name }) => name)
    },

    async remove(key) {
      await rm(join(root, key), { force: true })
    },
  }
}

/** Whole under another name first, then in its place by `settle`. */
async function write(path: string, body: Uint8Array, settle: (from: string, to: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}${unfinished}`
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(body)
      await file.sync()
    }
    finally {
      await file.close()
    }
    await settle(temporary, path)
  }
  finally {
    await rm(temporary, { force: true })
  }
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  }
  finally {
    await folder.close()
  }
}

async function orUndefined(read: () => Promise<Buffer>): Promise<Buffer | undefined>
async function orUndefined<T>(read: () => Promise<T>): Promise<T | undefined>
async function orUndefined<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  }
  catch (error) {
    if (isCode(error, 'ENOENT'))
      return undefined
    throw error
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
