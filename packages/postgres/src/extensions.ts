import type { ExtensionObserved } from '@howdah/engine'
import type { AvailableExtension, Catalogue } from './catalogue.ts'
import type { Server } from './server.ts'
import type { Session } from './sessions.ts'
import { EngineError } from '@howdah/engine'
import { quoteIdentifier } from './sql.ts'
import { isExcludedExtension } from './untrusted.ts'

/** A schema of ours for the moment of a CREATE EXTENSION. */
const nursery = 'howdah_extension'

/** What is on offer and what is on in the first logical database. */
export async function listExtensions(db: Server, catalogue: Catalogue): Promise<ExtensionObserved[]> {
  const installed = await db.asSuperuser(db.main, async session =>
    await session.query<{ name: string, version: string }>('select extname as name, extversion as version from pg_catalog.pg_extension'))
  const versions = new Map(installed.map(({ name, version }) => [name, version]))
  return offered(catalogue).map(extension => ({
    name: extension.name,
    defaultVersion: extension.version,
    installedVersion: versions.get(extension.name) ?? null,
    description: extension.comment,
    requires: extension.requires,
    needsRestart: false,
  }))
}

function offered(catalogue: Catalogue): readonly AvailableExtension[] {
  return catalogue.extensions.filter(({ name }) => !isExcludedExtension(name))
}

/** Switch extensions on and off in the first logical database; each is wholly there or not at all. */
export async function applyExtensions(db: Server, catalogue: Catalogue, change: { readonly on: readonly string[], readonly off: readonly string[] }): Promise<void> {
  await db.asSuperuser(db.main, async (session) => {
    for (const extension of inOrderOfNeed(change.on, catalogue)) {
      await create(session, extension)
      await grantWrappers(session, extension.name)
    }
    for (const name of change.off)
      await session.query(`drop extension if exists ${quoteIdentifier(name)}`)
  })
}

async function create(session: Session, extension: AvailableExtension, schema = 'public'): Promise<void> {
  const name = quoteIdentifier(extension.name)
  if (extension.schema !== null || !extension.relocatable || extension.trusted) {
    // Trusted extensions are safe against whatever stands in their schema, by PostgreSQL's own rule for them.
    await session.query(`create extension if not exists ${name}${extension.schema === null
      ? ` schema ${quoteIdentifier(schema)}`
      : ''}`)
    return
  }
  // Its script runs as superuser. In a schema where nobody else can have put anything, it finds only what is its own.
  const [found] = await session.query('select 1 from pg_catalog.pg_extension where extname = $1', [extension.name])
  if (found)
    return
  await session.query(`
    begin;
    create schema ${nursery};
    create extension ${name} schema ${nursery};
    alter extension ${name} set schema ${quoteIdentifier(schema)};
    drop schema ${nursery};
    commit`)
}

/** Have in the present logical database what another one has, where this catalogue offers it: in the same schema, of the same owner. */
export async function bringExtension(session: Session, catalogue: Catalogue, wanted: { readonly name: string, readonly schema: string, readonly owner: string }): Promise<void> {
  const extension = offered(catalogue).find(({ name }) => name === wanted.name)
  if (!extension)
    throw new EngineError('invalid', `The extension "${wanted.name}" is not on offer.`)
  // What a user made is made as that user, who may make only what is trusted.
  const isUsers = extension.trusted && !wanted.owner.startsWith('howdah_')
  if (isUsers)
    await session.query(`set role ${quoteIdentifier(wanted.owner)}`)
  await create(session, extension, wanted.schema)
  if (isUsers)
    await session.query('reset role')
  await grantWrappers(session, extension.name)
}

/** The owner makes servers and mappings with the extension's wrappers; without a superuser's mapping each needs a password. */
async function grantWrappers(session: Session, extension: string): Promise<void> {
  const wrappers = await session.query<{ name: string, owner: string }>(`
    select w.fdwname as name, r.rolname as owner
    from pg_catalog.pg_foreign_data_wrapper w
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_foreign_data_wrapper'::regclass and d.objid = w.oid and d.deptype = 'e'
    join pg_catalog.pg_extension e on e.oid = d.refobjid
    cross join pg_catalog.pg_database b join pg_catalog.pg_roles r on r.oid = b.datdba
    where e.extname = $1 and b.datname = current_database()`, [extension])
  for (const { name, owner } of wrappers)
    await session.query(`grant usage on foreign data wrapper ${quoteIdentifier(name)} to ${quoteIdentifier(owner)} with grant option`)
}

/** What an extension requires comes before it. */
function inOrderOfNeed(names: readonly string[], catalogue: Catalogue): AvailableExtension[] {
  const known = new Map(offered(catalogue).map(extension => [extension.name, extension]))
  const ordered = new Set<AvailableExtension>()
  const add = (name: string): void => {
    const extension = known.get(name)
    if (!extension || ordered.has(extension))
      return
    extension.requires.forEach(add)
    ordered.add(extension)
  }
  names.forEach(add)
  return [...ordered]
}
