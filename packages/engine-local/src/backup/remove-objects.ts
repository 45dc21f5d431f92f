import type { Archive } from '../archive/archive.ts'
import { Lane } from './lane.ts'

/** A store that is far away answers each request after some milliseconds, and a large backup has thousands of blocks. */
const atATime = 8

export async function removeObjects(archive: Archive, paths: readonly string[]): Promise<void> {
  const under = new Lane(atATime)
  for (const path of paths)
    await under.add(async () => await archive.remove(path))
  await under.end()
}
