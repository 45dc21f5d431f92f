import type { Engine, Plan, Progress } from '@howdah/engine'
import type { Managed } from '../ensure.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { heirOf, planOf } from './heir.ts'
import { catchesUpWithinMs } from './replication.ts'

const lookAgainMs = 100

/**
 * Hand the role of the primary over, once for each order; the supervisor then brings back whoever holds it. A replica that is not fit is
 * given some seconds to become so, and is looked at afresh, before the order is refused.
 */
export async function orderSwitchover({ db, supervisor }: Managed, { id, to }: Parameters<Engine['switchOver']>[1]): Promise<Progress> {
  const progress = await db.exclusive(async (): Promise<Progress> => {
    const { replication } = supervisor
    if (db.topology?.switchover === id)
      return { outcome: 'done' }
    const heir = heirOf(db, replication, to)
    if (typeof heir !== 'number') {
      // It was possible when it was begun, or nobody has seen yet whether it is: a control plane that was just started knows nothing.
      if (heir.mayPass && (db.topology?.pendingSwitchover === id || replication?.hasLooked === false || replication?.mayLookAgain(id))) {
        supervisor.checkSoon()
        return { outcome: 'wait', step: 'hand-over', afterMs: lookAgainMs, reason: heir.message }
      }
      return { outcome: 'failed', step: 'hand-over', reason: 'NoReplica', message: heir.message, nextStep: heir.nextStep }
    }
    db.isPlanned = true
    try {
      await supervisor.detach()
      supervisor.setPhase('switching-over', 'SwitchoverRequested', `${db.memberName(heir)} becomes the primary, as asked.`)
      return await supervisor.replicated().switchOver({ id, heir })
    }
    finally {
      db.isPlanned = false
      supervisor.recover('Switchover', '')
    }
  })
  await supervisor.settled
  return progress
}

/** What an order would do. It does not refuse what an order would wait for. */
export async function planSwitchover({ db, supervisor }: Managed, to: string | undefined): Promise<Plan> {
  const deadline = performance.now() + catchesUpWithinMs
  for (;;) {
    const heir = heirOf(db, supervisor.replication, to)
    if (typeof heir === 'number' || !heir.mayPass || performance.now() > deadline)
      return planOf(heir)
    supervisor.checkSoon()
    await delay(lookAgainMs)
  }
}
