import { strictEqual } from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/**
 * Compare with the file `golden/<name>` beside the test (`import.meta.url`). `UPDATE_GOLDEN=1 npm test` writes what
 * was seen instead, to be reviewed as a diff.
 */
export async function expectGolden(testUrl: string, name: string, actual: string): Promise<void> {
  const path = fileURLToPath(new URL(`golden/${name}`, testUrl))
  if (process.env.UPDATE_GOLDEN === '1') {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, actual)
    return
  }
  strictEqual(actual, await readFile(path, 'utf8'), `differs from golden/${name}; UPDATE_GOLDEN=1 rewrites it`)
}
