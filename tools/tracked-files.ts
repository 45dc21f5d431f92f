import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './root.ts'

/** Paths of everything that is committed or would be by `git add --all`, relative to the repository's folder. */
export async function trackedFiles(): Promise<readonly string[]> {
  const git = promisify(execFile)
  const options = { cwd: root, maxBuffer: 64 * 1024 * 1024 }
  const [{ stdout: listed }, { stdout: deleted }] = await Promise.all([
    git('git', [
      'ls-files',
      '-z',
      '--cached',
      '--others',
      '--exclude-standard',
    ], options),
    git('git', ['ls-files', '-z', '--deleted'], options),
  ])
  const gone = new Set(deleted.split('\0'))
  return [
    ...new Set(listed.split('\0')),
  ].filter(path => path !== '' && !gone.has(path)).sort()
}

/** The text of one of them. */
export async function readTracked(path: string): Promise<string> {
  return await readFile(join(root, path), 'utf8')
}
