import type { CommandGroup } from '../../command.ts'
import { add } from './add.ts'
import { list } from './list.ts'
import { remove } from './remove.ts'
import { update } from './update.ts'

export const member: CommandGroup = {
  summary: 'Members of the project',
  verbs: {
    list,
    add,
    update,
    remove,
  },
}
