import type { Engine, Progress } from '@howdah/engine'
import type { Managed } from '../ensure.ts'
import { heirOf } from './switch-over.ts'

/** Hand the role of the primary over, once for each order; the supervisor then brings back whoever holds it. */
export async function orderSwitchover({ db, supervisor }: Managed, { id, to }: Parameters<Engine['switchOver']>[1]): Promise<Progress> {
  const progress = await db.exclusive(async (): Promise<Progress> => {
    const { replication } = supervisor
    if (db.topology?.switchover === id)
      return { outcome: 'done' }
    const heir = heirOf(db, replication, to)
    const isThere = db.instances.some(({ ordinal }) => ordinal !== db.primary.ordinal && (to === undefined || db.memberName(ordinal) === to))
    // It was possible when it was begun, or nobody has seen yet whether it is: a control plane that was just started knows nothing.
    if (typeof heir === 'string' && isThere && (db.topology?.pendingSwitchover === id || replication?.hasLooked === false))
      return { outcome: 'wait', step: 'hand-over', afterMs: 200, reason: heir }
    if (typeof heir === 'string' || !replication)
      return { outcome: 'failed', step: 'hand-over', reason: 'NoReplica', message: String(heir), nextStep: 'Wait until a replica follows, then try again.' }
    db.isPlanned = true
    try {
      await supervisor.detach()
      supervisor.setPhase('switching-over', 'SwitchoverRequested', `${db.memberName(heir)} becomes the primary, as asked.`)
      return await replication.switchOver({ id, heir })
    }
    finally {
      db.isPlanned = false
      supervisor.recover('Switchover', '')
    }
  })
  await supervisor.settled
  return progress
}
