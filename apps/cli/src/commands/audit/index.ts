import type { CommandGroup } from '../../command.ts'
import { list } from './list.ts'
import { verify } from './verify.ts'

export const audit: CommandGroup = {
  summary: 'Who did what',
  verbs: {
    list,
    verify,
  },
}
