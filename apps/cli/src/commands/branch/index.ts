import type { CommandGroup } from '../../command.ts'
import { create } from './create.ts'
import { diff } from './diff.ts'
import { list } from './list.ts'
import { reset } from './reset.ts'

export const branch: CommandGroup = {
  summary: 'Copies of a running database',
  verbs: {
    create,
    diff,
    list,
    reset,
  },
}
