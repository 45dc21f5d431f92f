import { defineCommand } from '../../command.ts'
import { databaseName } from '../../input/parameters.ts'
import { backupList } from '../../views/backup.ts'

export const list = defineCommand({
  summary: 'List the base backups of a database',
  examples: ['howdah backup list orders'],
  parameters: { name: databaseName },
  async run(context, { name }) {
    return backupList(await (await context.client()).backups.list(name, { signal: context.terminal.signal }).toArray())
  },
})
