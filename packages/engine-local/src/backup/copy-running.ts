import type { Database } from '../database.ts'
import type { Command, Errands } from '../errands.ts'
import type { Installation } from '../installation.ts'
import type { Job } from './job.ts'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '@howdah/engine'
import { copyOptions } from '../clone.ts'
import { makeFolder } from '../files.ts'
import { emptied, isLeftOut } from './data-files.ts'
import { backingUp } from './pg-backup.ts'
import { segmentsOf } from './take-backup.ts'

/** What a copy begins with: the label for its recovery, and WAL that it lacks, because the source had it no more. */
export interface RunningCopy {
  readonly label: string
  readonly timeline: number
  readonly stopLsn: string
  readonly missing: readonly string[]
}

export interface CopyBeside {
  /** In a session's label, and so in the label of the copy. */
  readonly name: string
  /** Answers the data folder, empty, and has time for it while the source writes its checkpoint. */
  readonly prepare: () => Promise<string>
}

/**
 * Copy the files of a running server beside it, with the WAL that makes the copy consistent. Blocks are shared where the
 * file system can. It needs neither a backup nor the archive.
 */
export async function copyRunning(errands: Errands, { account }: Installation, source: Database, { name, prepare }: CopyBeside, job: Job): Promise<RunningCopy> {
  const from = source.paths.data
  let data = ''
  const { stopped, started } = await backingUp(source, name, async () => {
    job.enter('copy')
    await copyAll()
    // Again and last: nothing in the copy may be newer than it.
    await copy([join(from, 'global', 'pg_control')], join(data, 'global'))
  }, async () => {
    errands.begin()
    data = await prepare()
    for (const folder of [...emptied, 'base', join('pg_wal', 'archive_status')])
      await makeFolder(join(data, folder), 0o700, account)
  })
  const needed = segmentsOf({ startLsn: started.lsn, stopLsn: stopped.lsn, timeline: started.timeline })
  // Where a segment is archived, its time says when it was written.
  await orAgain(async () => await errands.run('cp', ['-p', ...copyOptions, ...needed.map(name => join(from, 'pg_wal', name)), join(data, 'pg_wal')]))
  const there = new Set(await readdir(join(data, 'pg_wal')))
  return { label: stopped.label, timeline: started.timeline, stopLsn: stopped.lsn, missing: needed.filter(name => !there.has(name)) }

  /** What they share of the kernel is little: several programs copy on several processors. */
  async function copyAll(): Promise<void> {
    const [top, databases] = await Promise.all([from, join(from, 'base')].map(async folder => await readdir(folder)))
    const beside = top!.filter(name => name !== 'base' && !emptied.has(name) && !isLeftOut(name))
    const paths = databases!.filter(name => name !== 'pgsql_tmp').map(name => join(from, 'base', name))
    const halves = [0, 1].map(half => paths.filter((_, index) => index % 2 === half)).filter(half => half.length > 0)
    await orAgain(async () => await errands.runTogether([cp(beside.map(name => join(from, name)), data), ...halves.map(half => cp(half, join(data, 'base')))]))
  }

  async function copy(paths: readonly string[], to: string): Promise<void> {
    await orAgain(async () => await errands.run(...cp(paths, to)))
  }

  async function orAgain(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    }
    catch (error) {
      if (!isOnlyVanished(error))
        throw new EngineError('unavailable', 'The files of the server could not be copied while it changed them; trying again.', { cause: error })
    }
  }
}

function cp(paths: readonly string[], to: string): Command {
  return ['cp', [...copyOptions, ...paths, to]]
}

/** What is dropped while it is copied is not needed: the WAL says that it is gone. */
function isOnlyVanished(error: unknown): boolean {
  return error instanceof Error && error.message.split('\n').every(line => /No such file or directory/.test(line))
}
