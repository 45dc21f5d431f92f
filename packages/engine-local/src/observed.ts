import type { EnginePhase, Observed } from '@howdah/engine'
import type { Database } from './database.ts'

type Seen = Pick<Observed, 'phase' | 'reason' | 'message' | 'since' | 'serverVersion' | 'storageUsedBytes' | 'connections' | 'transactionsPerSecond'> & {
  /** Undefined: there is one instance, and it is as the database is. */
  readonly members: Observed['members'] | undefined
}

const memberPhases: Readonly<Record<EnginePhase, Observed['members'][number]['phase']>> = {
  'provisioning': 'starting',
  'ready': 'ready',
  'restarting': 'starting',
  'switching-over': 'starting',
  'degraded': 'ready',
  'failed': 'failed',
  'hibernated': 'stopped',
  'unknown': 'starting',
}

/** A database as it is told to listeners: what was seen of it, with what is known without looking. */
export function observedOf(db: Database, { members, ...seen }: Seen): Observed {
  const { applied, identity, installation, kept, ref, topology } = db
  return {
    ref,
    ...seen,
    members: members ?? [{ name: db.memberName(1), role: 'primary', phase: memberPhases[seen.phase], lagBytes: null, lagSeconds: null }],
    endpoint: {
      host: installation.host,
      port: identity.port,
      ...topology && topology.members.length > 1 ? { readOnlyPort: topology.readOnlyPort } : {},
      caCertificate: installation.authority.certificate,
    },
    generation: applied?.generation ?? 0,
    pendingRestart: [],
    undo: kept && { id: kept.id, until: new Date(kept.until), version: kept.before?.major ?? identity.major },
    managedBy: 'howdah',
  }
}
