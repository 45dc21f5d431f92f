import type { Database, Instance } from '../database.ts'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { maintenanceDatabase } from '@howdah/postgres'
import { findPostmaster } from '../process.ts'
import { writeConfiguration } from '../server-control.ts'

const takesEffectWithinMs = 5_000

/** Let every instance read what follows from the topology. Resolves when it is in effect on the primary. */
export async function reconfigure(db: Database): Promise<void> {
  await Promise.all(db.instances.map(async instance => await reconfigureInstance(db, instance)))
}

export async function reconfigureInstance(db: Database, instance: Instance): Promise<void> {
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
