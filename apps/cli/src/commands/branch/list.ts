import { defineCommand } from '../../command.ts'
import { databaseName } from '../../input/parameters.ts'
import { databaseList } from '../../views/database.ts'

export const list = defineCommand({
  summary: 'List the databases that began as this one was',
  examples: ['howdah branch list orders'],
  parameters: { name: databaseName },
  async run(context, { name }) {
    return databaseList(await (await context.client()).databases.branches(name, { signal: context.terminal.signal }).toArray())
  },
})
