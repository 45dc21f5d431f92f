import type { Progress, UpgradeOrder } from '@howdah/engine'
import type { Database, Instance } from '../database.ts'
import type { Managed } from '../ensure.ts'
import { EngineError } from '@howdah/engine'
import { maintenanceDatabase } from '@howdah/postgres'
import { orderSwitchover } from '../replicas/order-switchover.ts'
import { stopServer } from '../server-control.ts'

/** Full version that an instance runs, such as `18.4`. */
export async function runningVersion(db: Database, instance: Instance): Promise<string> {
  const [row] = await db.asSuperuserOf(instance, maintenanceDatabase, async session => await session.query<{ version: string }>('select split_part(current_setting(\'server_version\'), \' \', 1) as version'))
  return row?.version ?? ''
}

export async function areOnNewest(db: Database): Promise<boolean> {
  const versions = await Promise.all(db.instances.map(async instance => await runningVersion(db, instance)))
  return versions.every(version => version === db.binaries.version)
}

/** One step towards all instances running the newest binaries of their major: replicas first, then one of them takes the role. */
export async function upgradeMinor(managed: Managed, { id }: UpgradeOrder): Promise<Progress> {
  const { db, supervisor } = managed
  const { version } = db.binaries
  const old = new Set<number>()
  for (const instance of db.instances) {
    const running = await runningVersion(db, instance).catch(unlessUnavailable)
    if (running === undefined)
      return { outcome: 'wait', step: 'replicas', afterMs: 500, reason: `${db.memberName(instance.ordinal)} does not answer yet.` }
    if (running !== version)
      old.add(instance.ordinal)
  }
  if (old.size === 0)
    return { outcome: 'done' }
  const primary = db.primary.ordinal
  if ([...old].some(ordinal => ordinal !== primary)) {
    await db.exclusive(async () => await supervisor.replication?.restartReplicas(ordinal => old.has(ordinal)))
    supervisor.checkSoon()
    return { outcome: 'continue', step: 'replicas' }
  }
  // The next login tells which version answers.
  db.isLoginProven = false
  if (db.instances.length > 1) {
    const progress = await orderSwitchover(managed, { id })
    // Those that have just been restarted follow again in a moment.
    return progress.outcome === 'failed' ? { outcome: 'wait', step: 'hand-over', afterMs: 500, reason: progress.message } : { outcome: 'continue', step: 'hand-over' }
  }
  await db.exclusive(async () => {
    db.isPlanned = true
    try {
      await supervisor.detach()
      supervisor.setPhase('restarting', 'Upgrading', `The server restarts with PostgreSQL ${version}.`)
      await stopServer(db)
    }
    finally {
      db.isPlanned = false
      supervisor.recover('Starting', 'The server starts.')
    }
  })
  await supervisor.settled
  return { outcome: 'continue', step: 'restart' }
}

function unlessUnavailable(error: unknown): undefined {
  if (!(error instanceof EngineError && error.code === 'unavailable'))
    throw error
}
