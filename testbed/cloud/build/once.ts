import { createHash } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { exists } from '../../../tools/exists.ts'

/** A name for what was made of these ingredients. */
export function keyOf(...ingredients: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(ingredients)).digest('hex').slice(0, 12)
}

/** Make a file or folder when it is not there; one that was interrupted is made again. */
export async function once(path: string, make: (draft: string) => Promise<void>): Promise<string> {
  if (await exists(path))
    return path
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.new`
  await rm(draft, { recursive: true, force: true })
  await make(draft)
  await rename(draft, path)
  return path
}
