import type { Engine, Plan, Progress } from '@howdah/engine'
import type { Database } from './database.ts'
import type { Installation } from './installation.ts'
import type { KubeObject } from './kubernetes/objects.ts'
import { EngineError } from '@howdah/engine'
import { maintenanceDatabase } from '@howdah/postgres'
import { resources } from './kubernetes/objects.ts'

/** A replica that is further behind than this would keep clients waiting. */
const mostLagBytes = 16 * 2 ** 20
const lookAgainMs = 250

/** Pod that would become the primary, or why none can. */
function heirOf({ seen }: Database, to: string | undefined): { readonly name: string } | string {
  const { cluster, lag, pods } = seen
  const replicas = pods.filter(pod => pod.isInstance && pod.name !== cluster.currentPrimary)
  if (replicas.length === 0 && to === undefined)
    return 'There is no replica that could become the primary.'
  const named = replicas.filter(({ name }) => to === undefined || name === to)
  if (named.length === 0)
    return `"${to}" is no replica of this database.`
  const behind = (name: string): number => lag?.get(name)?.bytes ?? Number.POSITIVE_INFINITY
  const [heir] = named
    .filter(({ isDeleting, isReady, name }) => isReady && !isDeleting && behind(name) <= mostLagBytes)
    .sort((a, b) => behind(a.name) - behind(b.name))
  return heir ?? (to === undefined ? 'No replica follows closely enough to take over now.' : `"${to}" does not follow closely enough to take over now.`)
}

export function planSwitchover(db: Database, to: string | undefined): Plan {
  const heir = heirOf(db, to)
  return typeof heir === 'string'
    ? { steps: [], interruption: 'none', reasons: [], refusals: [{ pointer: '/to', detail: heir }] }
    : { steps: ['hand-over', 'login'], interruption: 'restart', reasons: ['Sessions with the primary end once, and new ones wait for a few seconds.'], refusals: [] }
}

/**
 * Tell the operator who is to be the primary: it stops the old one in order, which sends its last WAL, and promotes the new one.
 * What was asked for stands in the Cluster first, so that nothing is asked twice.
 */
export async function switchOver(installation: Installation, db: Database, { id, to }: Parameters<Engine['switchOver']>[1]): Promise<Progress> {
  const { cluster } = db
  const order = cluster.state.switchover
  if (order?.id !== id) {
    const heir = heirOf(db, to)
    if (typeof heir === 'string')
      return failed(heir, 'Wait until a replica follows, then try again.')
    await db.record({ switchover: { id, from: cluster.currentPrimary, to: heir.name, isDone: false } })
    return { outcome: 'continue', step: 'hand-over' }
  }
  if (order.isDone)
    return { outcome: 'done' }
  if (cluster.targetPrimary === order.from && cluster.currentPrimary === order.from)
    return await ask(installation, db, order.to)
  if (cluster.targetPrimary !== order.to)
    return failed(`${cluster.targetPrimary} became the primary meanwhile.`, 'Look at the events of the database, then try again.')
  if (cluster.currentPrimary !== order.to || !await isPrimary(db))
    return { outcome: 'wait', step: 'hand-over', afterMs: lookAgainMs, reason: `${order.to} is becoming the primary.` }
  await db.record({ switchover: { ...order, isDone: true } })
  return { outcome: 'done' }
}

/** As the operator's own plugin for kubectl does it. */
async function ask({ api, clusters }: Installation, { namespace, ref, uid }: Database, to: string): Promise<Progress> {
  clusters.note(await api.merge<KubeObject>(resources.cluster, { namespace, name: ref.name, subresource: 'status' }, {
    metadata: { uid },
    status: {
      targetPrimary: to,
      targetPrimaryTimestamp: microseconds(new Date()),
      phase: 'Switchover in progress',
      phaseReason: `Switching over to ${to}`,
    },
  }))
  return { outcome: 'wait', step: 'hand-over', afterMs: lookAgainMs, reason: `${to} is becoming the primary.` }
}

/** The operator reads nothing with fewer digits. */
function microseconds(at: Date): string {
  return at.toISOString().replace('Z', '000Z')
}

/** Through the address that users are given. */
async function isPrimary(db: Database): Promise<boolean> {
  try {
    const [row] = await db.asSuperuser(maintenanceDatabase, async session => await session.query<{ replica: boolean }>('select pg_is_in_recovery() as replica'))
    return row?.replica === false
  }
  catch (error) {
    if (error instanceof EngineError && error.code === 'unavailable')
      return false
    throw error
  }
}

function failed(message: string, nextStep: string): Progress {
  return { outcome: 'failed', step: 'hand-over', reason: 'NoReplica', message, nextStep }
}
