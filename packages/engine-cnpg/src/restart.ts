import type { Plan, Progress } from '@howdah/engine'
import type { Database } from './database.ts'
import type { Installation } from './installation.ts'
import { refuseRestart } from '@howdah/engine'
import { waitFor } from './ensure.ts'
import { resources } from './kubernetes/objects.ts'
import { proveLogin } from './login.ts'
import { restartAnnotation, restartOrderAnnotation } from './names.ts'
import { isHealthy, judge } from './phase.ts'

const supervised = 'Its Cluster has primaryUpdateStrategy: supervised, so nothing but a person replaces the primary: restart it with "kubectl cnpg restart", or set unsupervised where the Cluster is kept.'

export async function planRestart({ cluster, ref }: Database): Promise<Plan> {
  if (cluster.isOurs)
    return await refuseRestart(ref)
  return cluster.isSupervised
    ? { steps: [], interruption: 'none', reasons: [], refusals: [{ pointer: '', detail: supervised }] }
    : { steps: ['restart', 'login'], interruption: 'restart', reasons: ['A restart was asked for.'], refusals: [] }
}

/**
 * Restart the servers of a Cluster that Git owns as the operator's own plugin for kubectl does it: by an annotation, which is no
 * part of the spec and, because Git says nothing of it, no drift either. Which order it was stands beside it.
 */
export async function restart({ api, clusters }: Installation, db: Database, { id }: { readonly id: string }): Promise<Progress> {
  const { namespace, ref, uid } = db
  if (db.cluster.isOurs)
    return await refuseRestart(ref)
  if (db.cluster.restartOrder !== id) {
    clusters.note(await api.merge(resources.cluster, { namespace, name: ref.name }, {
      metadata: { uid, annotations: { [restartAnnotation]: new Date().toISOString(), [restartOrderAnnotation]: id } },
    }))
  }
  const waiting = notYet(db)
  if (waiting !== undefined)
    return waitFor({ db }, 'restart', waiting)
  const login = await proveLogin(db, await db.readOwner(), db.main)
  switch (login.kind) {
    case 'answered':
      return db.monitor.vitals ? { outcome: 'done' } : waitFor({ db }, 'login', 'The monitoring is not answered yet.')
    case 'not-now':
      return waitFor({ db }, 'login', login.reason)
    case 'wrong-password':
    case 'refused':
      return { outcome: 'failed', step: 'login', reason: 'LoginRefused', message: `The servers restarted, and refuse the owner${login.kind === 'refused' ? `: ${login.message}` : ' the password of its Secret'}.`, nextStep: 'Look at what Git says of the owner and of its Secret.' }
  }
}

/** Why the servers are not those of after the restart; undefined when all of them are. */
function notYet({ seen }: Database): string | undefined {
  const { cluster, pods } = seen
  const instances = pods.filter(pod => pod.isInstance)
  const old = instances.filter(pod => pod.isDeleting || pod.restartedAt !== cluster.restartedAt)
  if (old.length > 0)
    return `${old.map(({ name }) => name).join(', ')} has yet to restart.`
  const ready = instances.filter(pod => pod.isReady)
  if (ready.length < cluster.instances)
    return `${ready.length} of ${cluster.instances} instances are ready. ${judge(seen).message}`
  return isHealthy(cluster) ? undefined : `The operator says: ${cluster.phase}. ${cluster.phaseReason}`
}
