import type { Archive } from '../archive/archive.ts'
import type { Installation } from '../installation.ts'
import type { DatabasePaths } from '../paths.ts'
import type { BackupRecord } from './manifest.ts'
import { Buffer } from 'node:buffer'
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, open, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { temporaryFolder } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { archiveFileOf, archiveOf, openArchiveSite } from '../archive-site.ts'
import { runErrands } from '../errands.ts'
import { databasePaths } from '../paths.ts'
import { testArchives } from '../testing/archives.ts'
import { intoBlocks, mostMemoryBytes } from './blocks.ts'
import { bringBackup } from './bring-backup.ts'
import { flushBytes } from './flush-ahead.ts'

/** More than is flushed at once, of what cannot be compressed: such a backup takes the most memory. */
const largeBytes = flushBytes + 24 * 2 ** 20
const files = ['PG_VERSION', 'base/5/16384', 'base/5/16385', 'base/5/16386', 'base/5/16387']

describe('the files of a backup', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let installation: Pick<Installation, 'archives' | 'account'>
  let archive: Archive
  let source: string
  let backup: BackupRecord
  let places = 0
  const job = (signal = new AbortController().signal) => ({ say: () => {}, signal })

  beforeAll(async () => {
    folder = await temporaryFolder()
    installation = { account: undefined, archives: await openArchiveSite(testArchives(folder.path), folder.path, undefined) }
    archive = archiveOf(installation, 'a')
    source = join(folder.path, 'source')
    await mkdir(join(source, 'base', '5'), { recursive: true })
    await mkdir(join(source, 'pg_wal'))
    const large = await open(join(source, 'base', '5', '16384'), 'w')
    const some = randomBytes(2 ** 23)
    for (let bytes = 0; bytes < largeBytes; bytes += some.length) {
      some.writeUInt32LE(bytes)
      await large.write(some)
    }
    await large.close()
    // Larger than a block, too, and another on either side of its borders.
    await writeFile(join(source, 'base', '5', '16385'), 'a little')
    await writeFile(join(source, 'base', '5', '16386'), '')
    await writeFile(join(source, 'base', '5', '16387'), 'sparse')
    await truncate(join(source, 'base', '5', '16387'), 20 * 2 ** 20 + 8192)
    await writeFile(join(source, 'PG_VERSION'), '18\n')
    const stored = await intoBlocks(archive, 'b', source, files, job(), () => {})
    await archive.put('base/b/files', Buffer.from(JSON.stringify({ folders: ['base', 'base/5', 'pg_wal'], files: stored.files })), new Date())
    backup = { id: 'b', label: 'the label', startLsn: '0/4000028', timeline: 1, dataBytes: stored.dataBytes } as BackupRecord // all that is asked of it
  }, 120_000)
  afterAll(async () => await folder.remove())

  /** A place for it that is empty. */
  async function place(): Promise<DatabasePaths> {
    const paths = databasePaths(join(folder.path, `place-${places++}`))
    await mkdir(paths.data, { recursive: true })
    return paths
  }

  it('come whole, through bounded memory, and the disk begins with them meanwhile', async () => {
    const paths = await place()
    const reports: string[] = []
    let mostBytes = 0
    await runErrands(undefined, async (errands) => {
      const run = vi.spyOn(errands, 'run')
      await bringBackup({ installation, archive, backup, paths, errands, report: (text) => {
        reports.push(text)
        mostBytes = Math.max(mostBytes, ...movers().map(peakOf))
      } }, job())
      expect(run.mock.calls).toEqual(process.platform === 'linux' ? [['sync', ['--file-system', paths.data]]] : [])
    })
    expect((await readdir(paths.data, { recursive: true })).sort()).toEqual(['backup_label', 'base', 'base/5', 'pg_wal', ...files].sort())
    for (const path of files)
      expect((await readFile(join(paths.data, path))).equals(await readFile(join(source, path))), path).toBe(true)
    expect(reports.at(-1)).toBe(`${Math.round(backup.dataBytes / 2 ** 20)} of ${Math.round(backup.dataBytes / 2 ** 20)} MiB are fetched.`)
    if (process.platform === 'linux')
      expect(mostBytes).toBeGreaterThan(0)
    expect(mostBytes).toBeLessThan(mostMemoryBytes)
    console.log(`a backup of ${Math.round(backup.dataBytes / 2 ** 20)} MiB came through ${Math.round(mostBytes / 2 ** 20)} MiB of memory`)
  })

  it('come no further when it is called off', async () => {
    const paths = await place()
    const called = new AbortController()
    const bringing = bringBackup({ installation, archive, backup, paths, report: () => called.abort(new Error('it was called off')) }, job(called.signal))
    await expect(bringing).rejects.toThrow('it was called off')
    expect(movers()).toEqual([])
  })

  it.runIf(process.platform === 'linux')('are not there where what brings them is killed', async () => {
    const paths = await place()
    const bringing = bringBackup({ installation, archive, backup, paths, report: () => movers().forEach(pid => process.kill(pid, 'SIGKILL')) }, job())
    await expect(bringing).rejects.toThrow('ended without a word')
  })

  it('come no further when the control plane is gone, and all of them where it is only asked to end', async () => {
    const { data } = await place()
    const mover = fork(new URL('mover/main.ts', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const ended = once(mover, 'exit')
    mover.send({ verb: 'fetch', archive: archiveFileOf(installation, 'a'), backup: 'b', data })
    await once(mover, 'message')
    mover.kill('SIGTERM')
    mover.kill('SIGINT')
    await once(mover, 'message')
    mover.disconnect()
    expect(await ended).toEqual([1, null])
    expect((await stat(join(data, 'base/5/16384'))).size).toBeLessThan(largeBytes)
  })
})

/** Processes of ours that move files. */
function movers(): number[] {
  if (process.platform !== 'linux')
    return []
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(pid => pid !== '')
  return children.map(Number).filter(pid => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('mover/main'))
}

/** Most memory that a process has had. */
function peakOf(pid: number): number {
  return 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}
