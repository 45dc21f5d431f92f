import type { InstallationPaths } from './paths.ts'
import { randomUUID } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from './files.ts'

/** Begins the names of what is no database; no id begins with it. */
const noDatabase = '+'

/**
 * Take a folder out of sight by one rename, so that nobody finds a part of it. Answers where it went, undefined when
 * there was none. `of` is the id of the database that it belonged to.
 */
export async function throwAway(paths: InstallationPaths, folder: string, of = noDatabase): Promise<string | undefined> {
  const doomed = join(paths.trash, `${of}.${randomUUID()}`)
  try {
    await rename(folder, doomed)
    return doomed
  }
  catch (error) {
    if (hasCode(error, 'ENOENT'))
      return undefined
    throw error
  }
}

/** The database that something in the trash belonged to, undefined when to none. */
export function ownerInTrash(name: string): string | undefined {
  const [of = noDatabase] = name.split('.')
  return of === noDatabase ? undefined : of
}

/**
 * Remove a folder although someone may still write into it: the programs of a control plane that was killed go on
 * copying for a moment.
 */
export async function removeStubbornly(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}
