import type { DatabaseCreate, From } from '@howdah/contract'
import type { Capabilities } from '@howdah/engine'
import type { DatabaseRow } from '../store/databases.ts'
import type { StoredLikeness, StoredOrigin } from '../store/schema.ts'
import type { Caller } from './caller.ts'
import type { Domain } from './domain.ts'
import { EngineError, inbornExtension } from '@howdah/engine'
import { findDatabase } from '../store/databases.ts'
import { findDeletedDatabase } from '../store/deleted-databases.ts'
import { engineOf, refOf } from './database-spec.ts'
import { AppError, invalid } from './errors.ts'

/** The database that another one begins as, and the moment. Its data is the caller's to read only with this right. */
export async function sourceFor(domain: Domain, caller: Caller, from: From): Promise<{ row: StoredLikeness, origin: StoredOrigin }> {
  if (!caller.principal.actions.has('backups.manage'))
    throw new AppError('forbidden', 'To begin with the state of another database needs the right backups.manage.')
  const targets = (['at', 'lsn', 'name', 'backup'] as const).filter(field => from[field] !== undefined)
  const [target] = targets
  if (targets.length > 1)
    throw invalid(`/from/${targets[1]}`, `Only one of at, lsn, name and backup can be asked for; there is ${target} already`)
  const row = await likenessOf(domain, caller, from.database)
  if (!row)
    throw invalid('/from/database', 'There is no such database in this project, and no deleted one of this id whose archive is kept')
  const kind = target === 'at' ? 'time' : target ?? 'latest'
  return { row, origin: { id: row.id, database: row.name, kind, value: target ? from[target] ?? '' : '' } }
}

async function likenessOf(domain: Domain, caller: Caller, nameOrId: string): Promise<StoredLikeness | undefined> {
  const { db } = domain.store
  const { id } = caller.principal.project
  const present = await findDatabase(db, id, nameOrId)
  if (present?.managed_by === 'git')
    return { ...present, extensions: await extensionsIn(domain, caller, present) }
  if (present || !/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(nameOrId))
    return present
  return (await findDeletedDatabase(db, id, nameOrId))?.row
}

/** What Git delivers says nothing of extensions: they are in the server, where one answers. */
async function extensionsIn(domain: Domain, caller: Caller, row: DatabaseRow): Promise<string[]> {
  try {
    const extensions = await engineOf(domain, row.location).extensions(refOf(caller.principal.project, row))
    return extensions.filter(({ installedVersion, name }) => installedVersion !== null && name !== inbornExtension).map(({ name }) => name)
  }
  catch (error) {
    if (error instanceof EngineError && error.code === 'unavailable')
      return []
    throw error
  }
}

/** What the new one has unless it is asked to be otherwise. Protection and labels are said of one database only. */
export function asLike(source: StoredLikeness): Omit<DatabaseCreate, 'name'> {
  return {
    location: source.location,
    version: source.version,
    storageGib: source.storage_gib,
    // What Git sets no limit to has what is usual here.
    ...source.cpu === 0 ? {} : { cpu: source.cpu },
    ...source.memory_mib === 0 ? {} : { memoryMib: source.memory_mib },
    parameters: source.parameters,
    extensions: source.extensions,
    // Who may connect to what Git delivers is said there, in words that are not ours.
    ...source.managed_by === 'git' ? {} : { allowedCidrs: source.allowed_cidrs },
  }
}

export function holdToSource(source: StoredLikeness, input: DatabaseCreate, { backup, upgrade }: Capabilities): void {
  // One that Git owns brings an archive of its own.
  if (!backup && source.managed_by !== 'git')
    throw new AppError('unsupported', `The location ${source.location} keeps no backups.`)
  if (input.location !== source.location)
    throw invalid('/location', `Must be ${source.location}, where "${source.name}" has its archive`)
  // Where versions change, it is the one of that moment, which the location knows.
  if (!upgrade && input.version !== source.version)
    throw invalid('/version', `Must be ${source.version}, as "${source.name}" has`)
}
