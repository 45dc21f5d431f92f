import { longestName } from './sql.ts'

/** Roles and databases that are ours in every server. */
export const superuserRole = 'howdah_admin'
export const monitorRole = 'howdah_monitor'
/** Replicas stream as it. */
export const replicationRole = 'howdah_replication'
/** Members may read all data of the database. */
export const readerRole = 'howdah_reader'
/** Members may also change it. */
export const writerRole = 'howdah_writer'
/** Where our monitoring connects: nobody else may, so nobody can lay a trap there. */
export const maintenanceDatabase = 'postgres'

const reservedDatabases = new Set(['postgres', 'template0', 'template1'])
const reservedRoles = new Set([
  'postgres',
  'public',
  'none',
  'current_user',
  'session_user',
  'current_role',
  'user',
])

/** Why a role may not have this name, undefined when it may. */
export function refuseRoleName(name: string): string | undefined {
  if (reservedRoles.has(name) || name.startsWith('pg_') || name.startsWith('howdah_'))
    return `"${name}" is reserved.`
  return refuseName(name)
}

/** Why a logical database may not have this name, undefined when it may. */
export function refuseDatabaseName(name: string): string | undefined {
  if (reservedDatabases.has(name) || name.startsWith('pg_') || name.startsWith('howdah_'))
    return `"${name}" is reserved.`
  return refuseName(name)
}

function refuseName(name: string): string | undefined {
  const bytes = new TextEncoder().encode(name).length
  if (bytes < 1 || bytes > longestName)
    return `A name has 1 to ${longestName} bytes.`
  return /\p{Cc}/u.test(name)
    ? 'A name has no control characters.'
    : undefined
}
