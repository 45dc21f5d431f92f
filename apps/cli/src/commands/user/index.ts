import type { CommandGroup } from '../../command.ts'
import { create } from './create.ts'
import { remove } from './delete.ts'
import { get } from './get.ts'
import { list } from './list.ts'
import { resetPassword } from './reset-password.ts'
import { update } from './update.ts'

export const user: CommandGroup = {
  summary: 'PostgreSQL users of a database',
  verbs: {
    create,
    list,
    get,
    update,
    'delete': remove,
    'reset-password': resetPassword,
  },
}
