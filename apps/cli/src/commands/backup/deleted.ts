import { defineCommand } from '../../command.ts'
import { deletedList } from '../../views/backup.ts'

export const deleted = defineCommand({
  summary: 'List databases that are gone and can still be restored',
  description: 'howdah restore ID COPY brings one back.',
  examples: ['howdah backup deleted'],
  parameters: {},
  async run(context) {
    return deletedList(await (await context.client()).backups.listDeleted({ signal: context.terminal.signal }).toArray())
  },
})
