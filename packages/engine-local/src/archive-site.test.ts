import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from '@howdah/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { archiveCommand, endWaitingArchive, openArchiveSite, writeArchiveFiles, writeWaitingArchive } from './archive-site.ts'
import { testArchives } from './testing/archives.ts'

const run = promisify(execFile)

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let instance: string
let data: string
beforeEach(async () => {
  folder = await temporaryFolder()
  instance = join(folder.path, 'instance')
  data = join(instance, 'data')
  await mkdir(data, { recursive: true })
  await writeFile(join(data, 'segment'), 'what was written')
  await writeWaitingArchive(instance)
})
afterEach(async () => await folder.remove())

/** As PostgreSQL archives: settles when its command has ended. */
async function archiving(): Promise<number> {
  const [shell = '', ...words] = archiveCommand.replace('%f', '00000002.history').replace('%p', 'segment').split(' ')
  return await run(shell, words, { cwd: data }).then(() => 0, (error: { code: number }) => error.code)
}

it('what is archived before there is somebody to keep it for waits, and goes into the archive of who that is', async () => {
  const ended = archiving()
  const archives = await openArchiveSite(testArchives(folder.path), folder.path, undefined)
  await writeArchiveFiles({ archives, account: undefined }, 'mine', 'put', instance)
  expect(await ended).toBe(0)
  expect(await readdir(join(folder.path, 'backups', 'mine', 'wal'))).toEqual(['00000002.history'])
  expect(await readFile(join(instance, 'archive.sh'), 'utf8')).not.toContain('sleep')
})

it('where nobody is going to keep it the server hears at once that it is not archived', async () => {
  const ended = archiving()
  await endWaitingArchive(instance)
  // PostgreSQL tries again after smaller numbers.
  expect(await ended).toBeGreaterThan(125)
  await rm(join(data, 'segment'))
})
