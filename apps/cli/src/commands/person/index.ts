import type { CommandGroup } from '../../command.ts'
import { create } from './create.ts'
import { remove } from './delete.ts'
import { list } from './list.ts'
import { update } from './update.ts'

export const person: CommandGroup = {
  summary: 'People of the installation (operators)',
  verbs: {
    list,
    create,
    update,
    delete: remove,
  },
}
