import { namePattern, reservedNames } from '@howdah/contract'

const name = new RegExp(namePattern)

/** Why a database cannot be called that; undefined when it can. The pattern was checked before by the schema. */
export function refusedName(text: string): string | undefined {
  if (!name.test(text))
    return 'Must be a DNS label: a letter, then letters, digits and hyphens; lower case; 1 to 40 characters'
  if (reservedNames.includes(text))
    return `"${text}" is reserved; choose another name`
  return undefined
}

/** Words that PostgreSQL or Howdah use for roles and databases themselves. */
const reserved = new Set(['postgres', 'template0', 'template1', 'public', 'none', 'user', 'current_user', 'session_user', 'current_role', 'all', 'replication'])

/** Why PostgreSQL cannot have a user or logical database of that name; undefined when it can. */
export function refusedIdentifier(text: string): string | undefined {
  if (reserved.has(text) || text.startsWith('pg_') || text.startsWith('howdah'))
    return `"${text}" is reserved for PostgreSQL or the platform; choose another name`
  return undefined
}

/** The name of the owner and of the first logical database: the database's own, as PostgreSQL likes it. */
export function mainIdentifier(databaseName: string): string {
  const text = databaseName.replaceAll('-', '_')
  return refusedIdentifier(text) ? `db_${text}` : text
}
