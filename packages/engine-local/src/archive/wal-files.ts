import type { Archive } from './archive.ts'
import { open, readFile, rename, stat } from 'node:fs/promises'
import { EnvelopeError } from './envelope.ts'

const folder = 'wal'

export function walPath(name: string): string {
  return `${folder}/${name}`
}

/**
 * Put a finished WAL file into the archive. Doing it again is nothing, because PostgreSQL repeats itself after a crash; a
 * different file of the same name is refused, because then two servers write to one archive.
 */
export async function archiveWal(archive: Archive, path: string, name: string): Promise<void> {
  const [content, { mtime }] = await Promise.all([readFile(path), stat(path)])
  if (await archive.putNew(walPath(name), content, mtime))
    return
  const before = await archive.get(walPath(name))
  if (!before?.content.equals(content))
    throw new EnvelopeError(`the archive has another ${name}`)
}

/** Bring a WAL file out of the archive. False when it has none. */
export async function restoreWal(archive: Archive, name: string, path: string): Promise<boolean> {
  const found = await archive.get(walPath(name))
  if (!found)
    return false
  const unfinished = `${path}.tmp`
  const file = await open(unfinished, 'w', 0o600)
  try {
    await file.writeFile(found.content)
  }
  finally {
    await file.close()
  }
  await rename(unfinished, path)
  return true
}
