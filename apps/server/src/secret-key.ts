import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The keys of the embedded mode: one per line in `secret.key`, the newest first. Made at the first start, readable by
 * its owner only. Whoever loses it loses every stored password, so it belongs into the backup of the data directory.
 */
export async function readSecretKeys(dataDir: string): Promise<string[]> {
  const path = join(dataDir, 'secret.key')
  await mkdir(dataDir, { recursive: true, mode: 0o711 })
  try {
    return await read(path)
  }
  catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw error
  }
  // Written whole under another name and then linked: a second process that starts now sees none or all of it.
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(`${randomBytes(32).toString('base64')}\n`)
    await file.sync()
  }
  finally {
    await file.close()
  }
  try {
    await link(draft, path)
  }
  catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw error
  }
  finally {
    await rm(draft, { force: true })
  }
  return read(path)
}

async function read(path: string): Promise<string[]> {
  const [content, { mode }] = await Promise.all([readFile(path, 'utf8'), stat(path)])
  if ((mode & 0o077) !== 0)
    throw new Error(`${path} can be read by others. Run: chmod 600 ${path}`)
  return parseSecretKeys(content, path)
}

/** `what`: the file, for people. */
export function parseSecretKeys(content: string, what: string): string[] {
  const keys = content.split('\n').map(line => line.trim()).filter(Boolean)
  if (keys.length === 0 || keys.some(key => !/^[\w+/-]{43}=$/.test(key)))
    throw new Error(`${what} does not hold a key of 32 bytes in base64 on each line. Put the file back from a backup; without it no stored password can be read.`)
  return keys
}
