import type { Settings } from '@howdah/postgres'
import type { DatabasePaths } from '../paths.ts'
import type { Goal, Replay } from './replay.ts'
import { chown, open, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readIfThere } from '@howdah/machine'
import { superuserRole } from '@howdah/postgres'
import { endWaitingArchive, restoreCommand, writeArchiveFiles, writeWaitingArchive } from '../archive-site.ts'
import { settingsFile } from '../config/settings.ts'
import { writeAtomically } from '../files.ts'
import { readAt } from '../logs.ts'
import { aheadCommand } from './wal-ahead.ts'

const endBytes = 2 ** 16

/** How a server that replays is run. */
export interface Manner {
  /** Of its socket. */
  readonly port: number
  /** Write what it reads. Answers its arguments. */
  readonly begin: (target: Settings) => Promise<string[]>
  /** All that it has said. */
  readonly said: () => Promise<string>
  /** Have it end without waiting for anybody. */
  readonly beforeEnd: () => Promise<void>
  /** Leave nothing that nobody reads any more. `isKept`: the server stays. */
  readonly clear: (isKept: boolean) => Promise<void>
}

/** What a server is to have that stays when it has replayed: everything that is fixed at its start. */
export interface Stay {
  readonly port: number
  readonly settings: Settings
  readonly allowedCidrs: readonly string[]
}

/** A server that ends when it has replayed: on a socket that only we know, and with nothing that it does not need. */
export function passing(place: Replay): Manner {
  const { own, paths, settle, socketFolder } = place
  const closed = join(paths.instance, 'closed.conf')
  const config = join(paths.instance, 'replay.conf')
  const port = 5432
  return {
    port,
    async begin(target) {
      await writeFile(closed, closedText(settle !== undefined), { mode: 0o644 })
      await writeAtomically(config, settingsFile({
        listen_addresses: '',
        port: String(port),
        unix_socket_directories: socketFolder,
        unix_socket_permissions: '0700',
        hba_file: closed,
        hot_standby: 'off',
        log_timezone: 'UTC',
        // Nothing is noted before the new timeline begins; its history is the first that goes into the new archive.
        ...own === undefined ? { archive_mode: 'off' } : { archive_mode: 'on', archive_command: '' },
        ...whileItReplays(place),
        ...target,
      }), { mode: 0o644, durable: false })
      await ask(place)
      return [`--config-file=${config}`]
    },
    said: async () => await readIfThere(paths.serverLog) ?? '',
    async beforeEnd() {},
    clear: async () => await Promise.all([closed, config].map(async path => await rm(path, { force: true }))).then(() => undefined),
  }
}

/**
 * A server that stays, as the database's. What is for the replay only is an argument where it is fixed at the start, so that no setting
 * is told to wait for a restart, and in its settings where it can be read anew. It listens at the address of the database from the
 * beginning, and refuses everybody: while it replays because it begins, then because nobody is let in but our superuser, through
 * the socket in a folder that only we enter.
 */
export function staying(place: Replay, { port, settings }: Stay): Manner {
  const { paths } = place
  return {
    port,
    async begin(target) {
      await Promise.all([
        writeAtomically(paths.hostAccess, closedText(true), { mode: 0o644, durable: false }),
        writeAtomically(paths.settings, settingsFile({ ...settings, ...whileItReplays(place) }), { mode: 0o644, durable: false }),
        writeWaitingArchive(paths.instance),
        ask(place),
      ])
      return [`--config-file=${paths.settings}`, ...Object.entries({ hot_standby: 'off', ...target }).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
    },
    said: async () => (await readIfThere(paths.serverLog) ?? '') + await readLogs(paths),
    beforeEnd: async () => await endWaitingArchive(paths.instance),
    async clear(isKept) {
      // The log of the database tells of no attempt that came to nothing.
      if (!isKept)
        await Promise.all((await readdir(paths.log)).map(async name => await rm(join(paths.log, name), { force: true })))
    },
  }
}

/** The end of each: a long replay has a line for each file of WAL, and is looked at several times a second. */
async function readLogs({ log }: DatabasePaths): Promise<string> {
  const names = (await readdir(log)).sort()
  return (await Promise.all(names.map(async name => await endOf(join(log, name))))).join('')
}

async function endOf(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    return (await readAt(file, Math.max(0, size - endBytes), endBytes)).toString()
  }
  finally {
    await file.close()
  }
}

/** Nobody gets in but our superuser, where there is something for it to do. */
function closedText(isSettled: boolean): string {
  return `${isSettled ? `local all ${superuserRole} scram-sha-256\n` : ''}local all all reject\n`
}

/** What every server that replays reads, and may read anew later. */
function whileItReplays({ isAhead, source }: Replay): Settings {
  return {
    autovacuum: 'off',
    max_wal_size: '1GB',
    // Whoever keeps what is made syncs all of it at the end, which costs less than file by file on the way.
    fsync: 'off',
    // Of the segment that the new timeline begins with, zeros need not be written before it is used.
    wal_init_zero: 'off',
    restore_command: source ? isAhead ? aheadCommand : restoreCommand : 'false',
  }
}

/** The file that asks for a recovery, and what it reads from. */
async function ask({ installation, paths, source }: Replay): Promise<void> {
  const { account } = installation
  const signal = join(paths.data, 'recovery.signal')
  if (source)
    await writeArchiveFiles(installation, source.name, 'get', paths.instance)
  await writeFile(signal, '', { mode: 0o600 })
  if (account)
    await chown(signal, account.uid, account.gid)
}

export function targetSettings({ along, target }: Goal, toTarget: boolean): Settings {
  const timeline = { recovery_target_timeline: String(along) }
  const action = { ...timeline, recovery_target_action: 'promote' }
  if (!toTarget)
    return timeline
  switch (target.kind) {
    // While it reads its settings PostgreSQL knows no abbreviations of time zones, not even Z.
    case 'time': return { recovery_target_time: target.at.toISOString().replace('T', ' ').replace('Z', '+00'), ...action }
    // Before the first record that begins there or later: a commit that had just ended there is in, its successor is out.
    case 'lsn': return { recovery_target_lsn: target.lsn, recovery_target_inclusive: 'off', ...action }
    case 'backup': return { recovery_target: 'immediate', ...action }
    case 'latest': return timeline
  }
}
