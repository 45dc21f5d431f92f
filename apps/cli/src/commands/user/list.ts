import { defineCommand } from '../../command.ts'
import { databaseName } from '../../input/parameters.ts'
import { userList } from '../../views/contents.ts'

export const list = defineCommand({
  summary: 'List the PostgreSQL users of a database',
  examples: ['howdah user list orders'],
  parameters: { name: databaseName },
  async run(context, { name }) {
    return userList(await (await context.client()).users.list(name, { signal: context.terminal.signal }).toArray())
  },
})
