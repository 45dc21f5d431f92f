import type { CommandGroup } from '../../command.ts'
import { create } from './create.ts'
import { remove } from './delete.ts'
import { list } from './list.ts'

export const apiKey: CommandGroup = {
  summary: 'API keys of the project',
  verbs: {
    list,
    create,
    delete: remove,
  },
}
