import type { Database, Instance } from '../database.ts'
import type { Topology } from './topology.ts'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { maintenanceDatabase } from '@howdah/postgres'
import { findPostmaster } from '../process.ts'
import { writeConfiguration } from '../server-control.ts'

const takesEffectWithinMs = 5_000

/** Let every instance read what follows from the topology. Resolves when it is in effect on the primary. */
export async function reconfigure(db: Database): Promise<void> {
  const effect = effectOf(db.topology)
  await Promise.all(db.instances.map(async instance => await reconfigureInstance(db, instance)))
  db.topologyInEffect = effect
}

/**
 * The same, where it is not known to be in effect: whoever put the topology on record may have been killed just then, or the primary may
 * not have answered. With `sync` a commit would wait for nobody, for good.
 */
export async function ensureConfigured(db: Database): Promise<void> {
  if (db.topologyInEffect !== effectOf(db.topology))
    await reconfigure(db)
}

/** What of a topology is in the configuration of instances. */
function effectOf(topology: Topology | undefined): string {
  return JSON.stringify([topology?.primary, topology?.durability, topology?.members])
}

async function reconfigureInstance(db: Database, instance: Instance): Promise<void> {
  const server = await findPostmaster(instance.paths.data)
  // One that is started later is given its configuration then.
  if (!db.applied || !server)
    return
  await writeConfiguration(db, db.applied.settings, db.applied.spec.allowedCidrs, instance)
  if (instance.ordinal !== db.topology?.primary) {
    process.kill(server.pid, 'SIGHUP')
    return
  }
  await db.asSuperuserOf(instance, maintenanceDatabase, async (session) => {
    const loaded = async (): Promise<number | undefined> => (await session.query<{ loaded: Date }>('select pg_conf_load_time() as loaded'))[0]?.loaded.getTime()
    const before = await loaded()
    await session.query('select pg_reload_conf()')
    const deadline = performance.now() + takesEffectWithinMs
    while (await loaded() === before && performance.now() < deadline)
      await delay(2)
  })
}
