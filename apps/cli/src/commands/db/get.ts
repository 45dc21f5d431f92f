import { defineCommand } from '../../command.ts'
import { databaseName } from '../../input/parameters.ts'
import { databaseDetails } from '../../views/database.ts'

export const get = defineCommand({
  summary: 'Show a database',
  examples: ['howdah db get orders', 'howdah db get orders -o json'],
  parameters: { name: databaseName },
  async run(context, { name }) {
    return databaseDetails(await (await context.client()).databases.get(name, { signal: context.terminal.signal }))
  },
})
