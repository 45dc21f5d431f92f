import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import process from 'node:process'

/** Where a program is, along PATH and then `folders`. */
export async function findProgram(name: string, folders: readonly string[] = []): Promise<string | undefined> {
  for (const folder of [
    ...(process.env.PATH ?? '').split(delimiter),
    ...folders,
  ]) {
    const path = join(folder, name)
    if (await access(path, constants.X_OK).then(() => true, () => false))
      return path
  }
  return undefined
}
