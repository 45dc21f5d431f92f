import type { InstallationPaths } from './paths.ts'
import { randomUUID } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '@howdah/machine'

/** Begins the names of what was no place of a database; no place is called so. */
const noPlace = '+'

/**
 * Take a folder out of sight by one rename, so that nobody finds a part of it. Answers where it went, undefined when
 * there was none. `place` is the name of the place that it was.
 */
export async function throwAway(paths: InstallationPaths, folder: string, place = noPlace): Promise<string | undefined> {
  const doomed = join(paths.trash, `${place}.${randomUUID()}`)
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

/** The name of the place that something in the trash was, undefined when it was none. */
export function placeInTrash(name: string): string | undefined {
  const [place = noPlace] = name.split('.')
  return place === noPlace ? undefined : place
}

/**
 * Remove a folder although someone may still write into it: the programs of a control plane that was killed go on
 * copying for a moment.
 */
export async function removeStubbornly(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}
