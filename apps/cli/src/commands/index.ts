import type { CommandTree } from '../command.ts'
import { login } from './account/login.ts'
import { logout } from './account/logout.ts'
import { whoami } from './account/whoami.ts'
import { apiKey } from './api-key/index.ts'
import { audit } from './audit/index.ts'
import { backup } from './backup/index.ts'
import { branch } from './branch/index.ts'
import { db } from './db/index.ts'
import { dbs } from './dbs/index.ts'
import { extension } from './extension/index.ts'
import { member } from './member/index.ts'
import { operation } from './operation/index.ts'
import { parameter } from './parameter/index.ts'
import { person } from './person/index.ts'
import { project } from './project/index.ts'
import { restorePoint } from './restore-point/index.ts'
import { restore } from './restore.ts'
import { completeFrom } from './system/complete.ts'
import { completion } from './system/completion.ts'
import { events } from './system/events.ts'
import { logs } from './system/logs.ts'
import { metrics } from './system/metrics.ts'
import { status } from './system/status.ts'
import { up } from './system/up.ts'
import { version } from './system/version.ts'
import { user } from './user/index.ts'

/** The whole command line, in the order of its help. */
export const commands: CommandTree = {
  up,
  status,
  db,
  user,
  dbs,
  backup,
  branch,
  restore,
  'restore-point': restorePoint,
  extension,
  parameter,
  logs,
  events,
  metrics,
  operation,
  audit,
  project,
  member,
  'api-key': apiKey,
  person,
  login,
  logout,
  whoami,
  completion,
  version,
  'complete': { ...completeFrom(() => commands), isHidden: true },
}
