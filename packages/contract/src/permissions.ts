/** Everything that can be allowed. An endpoint names one; a role is a set of them; an API key may narrow its role to some. */
export const actions = [
  'databases.read',
  'databases.create',
  'databases.update',
  'databases.delete',
  /** restart, switchover, hibernate, resume, upgrade */
  'databases.operate',
  /** reveal passwords, test them, rotate them */
  'databases.credentials',
  /** take and delete backups, make restore points, restore in place, begin a database with the state of another */
  'backups.manage',
  /** users and logical databases inside a database */
  'databases.manage',
  /** PostgreSQL's own log */
  'logs.read',
  'events.read',
  'audit.read',
  'operations.read',
  'operations.cancel',
  'project.read',
  'project.update',
  'members.read',
  'members.manage',
  'api-keys.read',
  'api-keys.manage',
  /** platform: people of the whole installation, and projects */
  'platform.manage',
] as const

export type Action = typeof actions[number]

/** Roles in a project, weakest first. `operator` is a platform role beside them. */
export const roles = ['viewer', 'developer', 'admin'] as const
export type Role = typeof roles[number]

const viewer: Action[] = [
  'databases.read',
  'logs.read',
  'events.read',
  'audit.read',
  'operations.read',
  'project.read',
  'members.read',
  'api-keys.read',
]
const developer: Action[] = [
  ...viewer,
  'databases.create',
  'databases.update',
  'databases.delete',
  'databases.operate',
  'databases.credentials',
  'databases.manage',
  'backups.manage',
  'operations.cancel',
]
const admin: Action[] = [
  ...developer,
  'project.update',
  'members.manage',
  'api-keys.manage',
]

/** What each role may do in its project. */
export const permissions: Readonly<Record<Role, readonly Action[]>> = { viewer, developer, admin }

/** What the platform role `operator` may do besides: everything of an admin, in every project that it signs in to. */
export const operatorActions: readonly Action[] = [...admin, 'platform.manage']
