import type { CommandGroup } from '../../command.ts'
import { hibernate, restart, resume, rotateCredentials, undoRestore } from './actions.ts'
import { connection } from './connection.ts'
import { create } from './create.ts'
import { remove } from './delete.ts'
import { diagnose } from './diagnose.ts'
import { get } from './get.ts'
import { list } from './list.ts'
import { psql } from './psql.ts'
import { restore } from './restore.ts'
import { switchover } from './switchover.ts'
import { update } from './update.ts'
import { upgrade } from './upgrade.ts'

export const db: CommandGroup = {
  summary: 'Databases',
  verbs: {
    create,
    list,
    get,
    update,
    'delete': remove,
    restart,
    switchover,
    restore,
    upgrade,
    'undo-restore': undoRestore,
    hibernate,
    resume,
    connection,
    diagnose,
    psql,
    'rotate-credentials': rotateCredentials,
  },
}
