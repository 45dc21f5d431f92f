import { join } from 'node:path'

/** Folders of one installation below its data directory. */
export interface InstallationPaths {
  readonly root: string
  readonly authority: string
  /** A folder for each database, and for each member of the pool: a database to be. */
  readonly databases: string
  readonly templates: string
  /** What is being deleted: moved here by one rename, then removed at leisure. */
  readonly trash: string
}

export function installationPaths(dataDir: string): InstallationPaths {
  return {
    root: dataDir,
    authority: join(dataDir, 'authority'),
    databases: join(dataDir, 'databases'),
    templates: join(dataDir, 'templates'),
    trash: join(dataDir, 'trash'),
  }
}

/** Files of one database. A member of the pool has the same, and no identity yet. */
export interface DatabasePaths {
  readonly root: string
  /** Who it is and how we get in: written once, and what makes a member of the pool a database. */
  readonly identity: string
  /** What a member of the pool is a copy of. */
  readonly member: string
  /** Who restores into it: it is nobody's until it has an identity, although it has the name that it keeps. */
  readonly restoring: string
  /** What was last brought into effect. */
  readonly applied: string
  /** Which instances there are, and who of them holds the role. Absent: one, which listens at the address itself. */
  readonly topology: string
  /** That data which was restored takes the place of what is there: written before it does. */
  readonly swap: string
  /** What a restore in place, or an upgrade, can be undone to. */
  readonly kept: string
  /** What the last rehearsal of an upgrade found. */
  readonly rehearsal: string
  /** Of the process that holds the addresses where there are several. */
  readonly gateway: string
  readonly instance: string
  readonly data: string
  readonly log: string
  readonly serverLog: string
  readonly certificate: string
  readonly certificateKey: string
  readonly settings: string
  readonly hostAccess: string
}

/** `ordinal`: of the instance, 1 unless there are several. */
export function databasePaths(root: string, ordinal = 1): DatabasePaths {
  return pathsIn(root, join(root, 'instances', String(ordinal)))
}

/** The same of data that is no instance's now. */
export function asidePaths(root: string, folder: string): DatabasePaths {
  return pathsIn(root, join(root, folder))
}

function pathsIn(root: string, instance: string): DatabasePaths {
  return {
    root,
    identity: join(root, 'identity.json'),
    member: join(root, 'member.json'),
    restoring: join(root, 'restoring'),
    applied: join(root, 'applied.json'),
    topology: join(root, 'topology.json'),
    swap: join(root, 'swap.json'),
    kept: join(root, 'kept.json'),
    rehearsal: join(root, 'rehearsal.json'),
    gateway: join(root, 'gateway'),
    instance,
    data: join(instance, 'data'),
    log: join(instance, 'log'),
    serverLog: join(instance, 'server.log'),
    certificate: join(instance, 'server.crt'),
    certificateKey: join(instance, 'server.key'),
    settings: join(instance, 'howdah.conf'),
    hostAccess: join(instance, 'pg_hba.conf'),
  }
}
