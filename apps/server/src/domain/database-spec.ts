import type { DatabaseRef, DatabaseSpec, Engine, RestoreSource } from '@howdah/engine'
import type { DatabaseUserRow } from '../store/database-users.ts'
import type { DatabaseRow } from '../store/databases.ts'
import type { StoredOrigin } from '../store/schema.ts'
import type { Domain } from './domain.ts'
import { AppError } from './errors.ts'

export function refOf(project: { name: string }, row: Pick<DatabaseRow, 'id' | 'name'>): DatabaseRef {
  return { id: row.id, project: project.name, name: row.name }
}

/** The engine's view of a row. `owner`: the row of its owner, whose password is opened here and stays in memory. */
export function specOf(domain: Domain, project: { id: string, name: string }, row: DatabaseRow, owner: DatabaseUserRow, options: { useNextPassword?: boolean } = {}): DatabaseSpec {
  const sealed = options.useNextPassword && owner.next_password ? owner.next_password : owner.password
  return {
    ...refOf(project, row),
    generation: row.generation,
    version: row.version,
    instances: row.instances,
    storageGib: row.storage_gib,
    cpu: row.cpu,
    memoryMib: row.memory_mib,
    // The contract's enum is what was written.
    durability: row.durability as 'async' | 'sync',
    parameters: row.parameters,
    extensions: row.extensions,
    allowedCidrs: row.allowed_cidrs,
    labels: row.labels,
    hibernated: row.is_hibernated,
    restartToken: row.restart_token,
    database: row.main_db,
    owner: { user: owner.name, password: openPassword(domain, project, row.id, owner.name, sealed) },
    ...row.origin ? { from: sourceOf(row.origin) } : {},
  }
}

/** The engine's view of what a database begins as, or becomes. */
export function sourceOf({ id, kind, value }: StoredOrigin): RestoreSource {
  switch (kind) {
    case 'time': return { id, target: { kind, at: new Date(value) } }
    case 'lsn': return { id, target: { kind, lsn: value } }
    case 'name': return { id, target: { kind, name: value } }
    case 'backup': return { id, target: { kind, backup: value } }
    case 'latest': return { id, target: { kind } }
  }
}

export function sealPassword(domain: Domain, project: { id: string }, databaseId: string, user: string, password: string) {
  return domain.box.seal(password, { project: project.id, owner: databaseId, field: `user ${user}` })
}

export function openPassword(domain: Domain, project: { id: string }, databaseId: string, user: string, sealed: Parameters<Domain['box']['open']>[0]): string {
  return domain.box.open(sealed, { project: project.id, owner: databaseId, field: `user ${user}` })
}

/** The engine of a location. A location that was taken out of the configuration cannot be asked. */
export function engineOf(domain: Domain, location: string): Engine {
  const engine = domain.engines.get(location)
  if (!engine)
    throw new AppError('unavailable', `The location ${location} is not configured in this process.`, { retryAfter: 30 })
  return engine
}
