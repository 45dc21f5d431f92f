import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { choice, databaseName, flag, option } from '../../input/parameters.ts'
import { askPassword } from '../../input/prompts.ts'
import { integer } from '../../input/values.ts'
import { userDetails } from '../../views/contents.ts'
import { accesses, accessHelp, userName } from './names.ts'

export const create = defineCommand({
  summary: 'Create a PostgreSQL user',
  description: 'A password is generated; `howdah db connection NAME --role USER` shows it.',
  examples: ['howdah user create orders reporting --access read-only', 'howdah user create orders app --password-stdin < password.txt'],
  parameters: {
    name: databaseName,
    user: userName,
    access: choice('--access <access>', accessHelp, accesses, { field: '/access' }),
    connectionLimit: option('--connection-limit <count>', 'most concurrent connections; -1: no limit', integer, { field: '/connectionLimit' }),
    passwordStdin: flag('--password-stdin', 'read the password from standard input', { field: '/password' }),
    ...changeParameters,
  },
  async run(context, { name, user, access, connectionLimit, passwordStdin, ...input }) {
    const client = await context.client()
    const password = passwordStdin ? await askPassword(context.terminal, 'Password', true) : undefined
    const answer = await client.users.create(name, { name: user, ...given({ access, connectionLimit, password }) }, { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    const isDone = await finish(context, answer.operation, input)
    if (!password)
      context.hint(`Its password: howdah db connection ${name} --role ${user}`)
    return userDetails(isDone ? await client.users.get(name, user) : answer)
  },
})
