import type { Route } from '../route.ts'
import { create as createBackup } from './backups/create.ts'
import { remove as deleteBackup } from './backups/delete.ts'
import { drill as drillBackup } from './backups/drill.ts'
import { get as getBackup } from './backups/get.ts'
import { list as listBackups } from './backups/list.ts'
import { create as createUser } from './database-users/create.ts'
import { remove as deleteUser } from './database-users/delete.ts'
import { get as getUser } from './database-users/get.ts'
import { list as listUsers } from './database-users/list.ts'
import { resetPassword } from './database-users/reset-password.ts'
import { update as updateUser } from './database-users/update.ts'
import { branches } from './databases/branches.ts'
import { connection } from './databases/connection.ts'
import { create } from './databases/create.ts'
import { remove } from './databases/delete.ts'
import { diagnose } from './databases/diagnose.ts'
import { extensions } from './databases/extensions.ts'
import { get } from './databases/get.ts'
import { hibernate, restart, resume, rotateCredentials } from './databases/lifecycle.ts'
import { list } from './databases/list.ts'
import { metrics } from './databases/metrics.ts'
import { parameters } from './databases/parameters.ts'
import { restoreWindow } from './databases/restore-window.ts'
import { reset, restore, undoRestore } from './databases/restore.ts'
import { schemaDiff } from './databases/schema-diff.ts'
import { serverLogs } from './databases/server-logs.ts'
import { serviceLogs } from './databases/service-logs.ts'
import { switchover } from './databases/switchover.ts'
import { update } from './databases/update.ts'
import { getUpgrade, rehearse, upgrade } from './databases/upgrade.ts'
import { create as createDb } from './dbs/create.ts'
import { remove as deleteDb } from './dbs/delete.ts'
import { get as getDb } from './dbs/get.ts'
import { list as listDbs } from './dbs/list.ts'
import { list as listDeletedDatabases } from './deleted-databases/list.ts'
import { deletedRestoreWindow } from './deleted-databases/restore-window.ts'
import { streamEvents } from './events/stream.ts'
import { cancel } from './operations/cancel.ts'
import { get as getOperation } from './operations/get.ts'
import { list as listOperations } from './operations/list.ts'
import { create as createRestorePoint } from './restore-points/create.ts'
import { list as listRestorePoints } from './restore-points/list.ts'

/** Databases, what is in them, and what happens to them. */
export const databaseRoutes: readonly Route[] = [
  list,
  create,
  get,
  update,
  remove,
  connection,
  diagnose,
  restart,
  switchover,
  hibernate,
  resume,
  rotateCredentials,
  restore,
  undoRestore,
  reset,
  getUpgrade,
  rehearse,
  upgrade,
  extensions,
  parameters,
  metrics,
  schemaDiff,
  serviceLogs,
  serverLogs,
  listUsers,
  createUser,
  getUser,
  updateUser,
  resetPassword,
  deleteUser,
  listDbs,
  createDb,
  getDb,
  deleteDb,
  listBackups,
  createBackup,
  drillBackup,
  getBackup,
  deleteBackup,
  restoreWindow,
  branches,
  listDeletedDatabases,
  deletedRestoreWindow,
  listRestorePoints,
  createRestorePoint,
  listOperations,
  getOperation,
  cancel,
  streamEvents,
]
