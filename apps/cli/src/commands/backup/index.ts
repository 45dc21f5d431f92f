import type { CommandGroup } from '../../command.ts'
import { create } from './create.ts'
import { remove } from './delete.ts'
import { deleted } from './deleted.ts'
import { drill } from './drill.ts'
import { get } from './get.ts'
import { inspect } from './inspect.ts'
import { list } from './list.ts'
import { window } from './window.ts'

export const backup: CommandGroup = {
  summary: 'Base backups of a database',
  verbs: {
    create,
    list,
    get,
    delete: remove,
    drill,
    window,
    deleted,
    inspect,
  },
}
