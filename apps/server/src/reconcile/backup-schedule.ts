import type { Domain } from '../domain/domain.ts'
import { isAllowed } from '@howdah/contract'
import { nextBackupAt, nextDrillAt } from '../domain/backup-policy.ts'
import { startBackup, startDrill } from '../domain/backups.ts'
import { change, system } from '../domain/change.ts'
import { refOf } from '../domain/database-spec.ts'
import { deleteExpired } from '../domain/delete-database.ts'
import { dueFor, expiredBranches, findDatabaseById, lockDatabaseById, updateDatabase } from '../store/databases.ts'
import { removeExpiredArchives } from './kept-archives.ts'
import { beginDueMaintenance } from './maintenance.ts'
import { endUndos } from './restore-in-place.ts'
import { SteadyClock } from './steady-clock.ts'

/** How late a backup may begin. */
const everyMs = 10_000
/** Scheduled backups of a location that may be under way together: they share its disks with whoever works there. */
const atATime = 2
/** A drill needs as much space as its database. */
const drillsAtATime = 1

/**
 * Begins the backups that are due. When the next one is due stands in the row of the database and is moved on in the
 * transaction that begins this one, so any number of workers begin each of them once, and one that was due while no
 * worker ran is made up for once.
 */
export function startBackupSchedule(domain: Domain): () => void {
  let isRunning = false
  const clock = new SteadyClock()
  async function run(): Promise<void> {
    if (isRunning)
      return
    isRunning = true
    try {
      await beginDueMaintenance(domain)
      await beginDueBackups(domain)
      await beginDueDrills(domain)
      await removeWhatIsOver(domain, clock)
    }
    catch (error) {
      domain.log.warn({ err: error }, 'what is due could not be begun; trying again')
    }
    finally {
      isRunning = false
    }
  }
  const timer = setInterval(() => void run(), everyMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** Branches, archives of deleted databases, and what could be gone back to. */
export async function removeWhatIsOver(domain: Domain, clock: Pick<SteadyClock, 'look'>): Promise<void> {
  const { isSteady, leapMs } = clock.look()
  if (leapMs > 0)
    domain.log.warn({ leapMs }, 'the clock of this machine was moved ahead: nothing whose time is over by it is removed for an hour')
  if (!isSteady)
    return
  for (const { name, project } of await expiredBranches(domain.store.db, [...domain.engines.keys()]))
    await deleteExpired(domain, project, name)
  await removeExpiredArchives(domain)
  await endUndos(domain)
}

export async function beginDueBackups(domain: Domain): Promise<void> {
  for (const { id, project } of await dueFor('backup.create', domain.store.db, [...domain.engines.keys()], atATime)) {
    await change(domain, project, system, async (change) => {
      const row = await lockDatabaseById(change.tx, id)
      const now = new Date()
      if (!row?.backup || !row.next_backup_at || row.next_backup_at > now || !isAllowed(row.phase as Parameters<typeof isAllowed>[0], 'backup')) // the program writes this column from the contract's closed set
        return
      await updateDatabase(change.tx, id, { next_backup_at: nextBackupAt(row.backup, now) })
      await startBackup(change, project, row, system.label)
    })
  }
}

/** As backups. A database that has none yet is drilled the next time. */
export async function beginDueDrills(domain: Domain): Promise<void> {
  for (const { id, project } of await dueFor('backup.drill', domain.store.db, [...domain.engines.keys()], drillsAtATime)) {
    const database = await findDatabaseById(domain.store.db, id)
    const engine = database && domain.engines.get(database.location)
    if (!engine)
      continue
    const isPossible = (await engine.capabilities()).drill && (await engine.backups(refOf(project, database))).some(({ method }) => method === 'archive')
    await change(domain, project, system, async (change) => {
      const row = await lockDatabaseById(change.tx, id)
      const now = new Date()
      if (!row?.backup || !row.next_drill_at || row.next_drill_at > now)
        return
      await updateDatabase(change.tx, id, { next_drill_at: nextDrillAt(row.backup, now) })
      if (isPossible)
        await startDrill(change, project, row, system.label)
    })
  }
}
