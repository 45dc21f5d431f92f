import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { choice, databaseName, flag, option } from '../../input/parameters.ts'
import { askPassword } from '../../input/prompts.ts'
import { integer } from '../../input/values.ts'
import { UsageError } from '../../usage-error.ts'
import { userDetails } from '../../views/contents.ts'
import { accesses, accessHelp, userName } from './names.ts'

export const update = defineCommand({
  summary: 'Change access, limit or password of a PostgreSQL user',
  examples: ['howdah user update orders reporting --access read-write', 'howdah user update orders app --password'],
  parameters: {
    name: databaseName,
    user: userName,
    access: choice('--access <access>', accessHelp, accesses, { field: '/access' }),
    connectionLimit: option('--connection-limit <count>', 'most concurrent connections; -1: no limit', integer, { field: '/connectionLimit' }),
    password: flag('--password', 'ask for a new password', { field: '/password' }),
    passwordStdin: flag('--password-stdin', 'read a new password from standard input', { field: '/password' }),
    ...changeParameters,
  },
  async run(context, { name, user, access, connectionLimit, password, passwordStdin, ...input }) {
    const client = await context.client()
    const fields = given({
      access,
      connectionLimit,
      password: password || passwordStdin ? await askPassword(context.terminal, 'New password', passwordStdin ?? false) : undefined,
    })
    if (Object.keys(fields).length === 0)
      throw new UsageError('There is nothing to change')
    const answer = await client.users.update(name, user, fields, { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    const isDone = await finish(context, answer.operation, input)
    return userDetails(isDone ? await client.users.get(name, user) : answer)
  },
})
