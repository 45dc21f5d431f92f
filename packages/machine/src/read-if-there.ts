import { readFile } from 'node:fs/promises'
import { hasCode } from './has-code.ts'

/** The text of a file, undefined when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  }
  catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR'))
      return undefined
    throw error
  }
}
