import { defineCommand } from '../../command.ts'
import { databaseName } from '../../input/parameters.ts'
import { dbList } from '../../views/contents.ts'

export const list = defineCommand({
  summary: 'List the logical databases of a database',
  examples: ['howdah dbs list orders'],
  parameters: { name: databaseName },
  async run(context, { name }) {
    return dbList(await (await context.client()).dbs.list(name, { signal: context.terminal.signal }).toArray())
  },
})
