import { defineCommand } from '../../command.ts'
import { databaseName } from '../../input/parameters.ts'
import { userDetails } from '../../views/contents.ts'
import { userName } from './names.ts'

export const get = defineCommand({
  summary: 'Show a PostgreSQL user',
  examples: ['howdah user get orders reporting'],
  parameters: { name: databaseName, user: userName },
  async run(context, { name, user }) {
    return userDetails(await (await context.client()).users.get(name, user, { signal: context.terminal.signal }))
  },
})
