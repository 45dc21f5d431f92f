import type { CommandGroup } from '../../command.ts'
import { reset, set } from './change.ts'
import { list } from './list.ts'

export const parameter: CommandGroup = {
  summary: 'PostgreSQL parameters of a database',
  verbs: {
    list,
    set,
    reset,
  },
}
