import type { CommandGroup } from '../../command.ts'
import { cancel } from './cancel.ts'
import { get } from './get.ts'
import { list } from './list.ts'
import { wait } from './wait.ts'

export const operation: CommandGroup = {
  summary: 'Pieces of work',
  verbs: {
    list,
    get,
    cancel,
    wait,
  },
}
