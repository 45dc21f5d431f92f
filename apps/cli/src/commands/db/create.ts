import type { Database } from '@howdah/sdk'
import type { Style, View } from '../../output/view.ts'
import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { databaseName, option, text } from '../../input/parameters.ts'
import { integer } from '../../input/values.ts'
import { address, databaseDetails } from '../../views/database.ts'
import { lifetimeParameters, specFields, specParameters } from './spec-parameters.ts'

export const create = defineCommand({
  summary: 'Create a database',
  description: 'A name is enough; everything else has a good default.',
  examples: [
    'howdah db create orders',
    'howdah db create orders --version 17 --storage 50GiB --memory 4GiB --label team=sales',
    'howdah db create orders --extension pgcrypto --param work_mem=64MB --dry-run',
  ],
  parameters: {
    name: { ...databaseName, field: '/name' },
    version: option('--version <major>', 'major version of PostgreSQL', integer, { field: '/version' }),
    location: text('--location <name>', 'where it runs', { field: '/location' }),
    ...specParameters,
    ...lifetimeParameters,
    ...changeParameters,
  },
  async run(context, input) {
    const client = await context.client()
    const answer = await client.databases.create({
      name: input.name,
      ...given({ version: input.version, location: input.location }),
      ...specFields(input, context.terminal.now()),
    }, { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    const isDone = await finish(context, answer.operation, input)
    return isDone ? created(await client.databases.get(input.name)) : databaseDetails(answer)
  },
})

function created(database: Database): View {
  return {
    data: database,
    text: ({ paint }: Style) => `${database.name} is ${paint('green', database.phase)} at ${address(database)} (PostgreSQL ${database.serverVersion ?? database.version}).

  howdah db psql ${database.name}          open a session
  howdah db connection ${database.name}    show user, password and ready strings
  howdah db get ${database.name}           show everything about it
`,
  }
}
