import { defineCommand } from '../../command.ts'
import { argument, databaseName } from '../../input/parameters.ts'
import { backupDetails } from '../../views/backup.ts'

export const get = defineCommand({
  summary: 'Show a base backup',
  examples: ['howdah backup get orders 0190c3a5-5c1e-7000-8000-1f2e3d4c5b6a'],
  parameters: { name: databaseName, backup: argument('BACKUP', 'id of the backup') },
  async run(context, { name, backup }) {
    return backupDetails(await (await context.client()).backups.get(name, backup, { signal: context.terminal.signal }))
  },
})
