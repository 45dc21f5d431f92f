import type { CommandGroup } from '../../command.ts'
import { list } from './list.ts'
import { disable, enable } from './switch.ts'

export const extension: CommandGroup = {
  summary: 'Extensions of a database',
  verbs: {
    list,
    enable,
    disable,
  },
}
