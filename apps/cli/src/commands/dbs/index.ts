import type { CommandGroup } from '../../command.ts'
import { create } from './create.ts'
import { remove } from './delete.ts'
import { list } from './list.ts'

export const dbs: CommandGroup = {
  summary: 'Logical databases in a database',
  verbs: {
    create,
    list,
    delete: remove,
  },
}
