import type { Session, Settings } from '@howdah/postgres'
import type { Database } from './database.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { maintenanceDatabase } from '@howdah/postgres'
import { writeConfiguration } from './server-control.ts'

const takesEffectWithinMs = 5_000

/**
 * Let a running server read new settings. Answers why it would not take them; then the old ones stand in the file
 * again, and the server never saw the new ones.
 */
export async function reloadServer(db: Database, settings: Settings, allowedCidrs: readonly string[]): Promise<string | undefined> {
  await writeConfiguration(db, settings, allowedCidrs)
  return await db.asSuperuser(maintenanceDatabase, async (session) => {
    const [bad] = await session.query<{ name: string, error: string }>(`
      select f.name, f.error from pg_file_settings f
      where f.error is not null and f.error not like '%without restarting%' limit 1`)
    if (bad) {
      if (db.applied)
        await writeConfiguration(db, db.applied.settings, db.applied.spec.allowedCidrs)
      return `${bad.name}: ${bad.error}.`
    }
    await (await askToReload(session))()
    return undefined
  })
}

/** Ask the server to read its settings; answers how to wait until it has. False: it is slow to. */
export async function askToReload(session: Session): Promise<() => Promise<boolean>> {
  const [before] = await session.query<{ loaded: Date }>('select pg_conf_load_time() as loaded, pg_reload_conf()')
  return async () => {
    const deadline = performance.now() + takesEffectWithinMs
    while (performance.now() < deadline) {
      const [now] = await session.query<{ loaded: Date }>('select pg_conf_load_time() as loaded')
      if (now?.loaded.getTime() !== before?.loaded.getTime())
        return true
      await delay(2)
    }
    return false
  }
}
