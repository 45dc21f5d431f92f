import { execFile } from 'node:child_process'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { temporaryFolder } from '@howdah/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { archiveScript } from './archive-script.ts'

const run = promisify(execFile)

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => await folder.remove())

/** Run the script with a program that is written in `sh`. Answers how it ended, as a shell says it: beyond 128 by a signal. */
async function codeOf(program: string, verb: 'put' | 'get', seconds?: number): Promise<number> {
  const [node, script] = [join(folder.path, 'it\'s node'), join(folder.path, 'script.sh')]
  await writeFile(node, `#!/bin/sh\n${program}\n`)
  await chmod(node, 0o755)
  await writeFile(script, archiveScript({ node, main: 'main.ts', cache: 'a cache' }, verb, 'archive file', seconds))
  return await run('sh', [script, 'name', 'path'], { cwd: folder.path }).then(() => 0, (error: { code: number | null }) => error.code ?? 137)
}

it('the program is told what to do, and its end is the script\'s', async () => {
  expect(await codeOf('printf "%s|" "$NODE_COMPILE_CACHE" "$@" > said', 'put')).toBe(0)
  expect(await readFile(join(folder.path, 'said'), 'utf8')).toBe('a cache|main.ts|put|archive file|name|path|')
  // PostgreSQL takes 1 for "there is none", and gives up above 125.
  expect(await codeOf('exit 1', 'get')).toBe(1)
  expect(await codeOf('exit 126', 'get')).toBe(126)
})

it.skipIf(process.platform === 'darwin').each(['exec sleep 1000', 'kill -STOP $$'])('one that hangs while it archives is ended, and PostgreSQL tries again (%s)', async (program) => {
  const code = await codeOf(program, 'put', 1)
  expect(code).toBeGreaterThan(0)
  expect(code).toBeLessThanOrEqual(125)
})

it.skipIf(process.platform === 'darwin').each(['exec sleep 1000', 'kill -STOP $$'])('one that hangs while it restores is ended, and nobody takes that for the end of the WAL (%s)', async (program) => {
  expect(await codeOf(program, 'get', 1)).toBeGreaterThan(125)
})
