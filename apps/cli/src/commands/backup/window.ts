import { defineCommand } from '../../command.ts'
import { databaseName } from '../../input/parameters.ts'
import { windowDetails } from '../../views/backup.ts'

export const window = defineCommand({
  summary: 'Show from when to when a database can be restored',
  examples: ['howdah backup window orders'],
  parameters: { name: databaseName },
  async run(context, { name }) {
    return windowDetails(await (await context.client()).backups.restoreWindow(name, { signal: context.terminal.signal }))
  },
})
