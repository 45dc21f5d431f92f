import type { CommandGroup } from '../../command.ts'
import { create } from './create.ts'
import { list } from './list.ts'

export const restorePoint: CommandGroup = {
  summary: 'Moments with a name',
  verbs: {
    create,
    list,
  },
}
