import { defineCommand } from '../../command.ts'
import { databaseName } from '../../input/parameters.ts'
import { restorePointList } from '../../views/backup.ts'

export const list = defineCommand({
  summary: 'List the restore points of a database',
  examples: ['howdah restore-point list orders'],
  parameters: { name: databaseName },
  async run(context, { name }) {
    return restorePointList(await (await context.client()).restorePoints.list(name, { signal: context.terminal.signal }).toArray())
  },
})
