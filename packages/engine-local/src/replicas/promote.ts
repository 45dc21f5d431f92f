import type { Session } from '@howdah/postgres'
import type { Place } from './place.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError } from '@howdah/engine'
import { maintenanceDatabase } from '@howdah/postgres'
import { lead } from './lead.ts'
import { reconfigure } from './reconfigure.ts'
import { ensureSlots } from './slots.ts'
import { setTopology } from './topology.ts'

/** The end of recovery is a record and the files of the new timeline; before it, what is there is replayed. */
const promoteWithinMs = 60_000

/** Make a primary of who is on record as the one, and let clients to it. May be repeated. */
export async function promote(place: Place): Promise<void> {
  const { db } = place
  const heir = db.primary
  await db.asSuperuserOf(heir, maintenanceDatabase, async (session) => {
    if (await isInRecovery(session))
      await session.query('select pg_promote(false)')
    const deadline = performance.now() + promoteWithinMs
    while (await isInRecovery(session)) {
      if (performance.now() > deadline)
        throw new EngineError('unavailable', 'The replica does not become the primary; trying again.')
      await delay(5)
    }
  })
  const others = db.instances.filter(({ ordinal }) => ordinal !== heir.ordinal)
  await ensureSlots(db, others.map(({ ordinal }) => ordinal))
  // Before anybody writes there is no way back to who had the role.
  await setTopology(db, { isPromoted: true, before: undefined })
  await lead(place, 'primary')
  await reconfigure(db)
}

export async function isInRecovery(session: Session): Promise<boolean> {
  const [row] = await session.query<{ recovering: boolean }>('select pg_is_in_recovery() as recovering')
  return row?.recovering ?? false
}
