import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { argument, databaseName } from '../../input/parameters.ts'
import { databaseDetails } from '../../views/database.ts'
import { lifetimeParameters, specFields, specParameters } from '../db/spec-parameters.ts'

export const create = defineCommand({
  summary: 'Make a database that begins as another one is now',
  description: 'It has its own address and passwords, and both go their own ways. Where the file system shares blocks it takes no space at first.',
  examples: ['howdah branch create orders orders-experiment', 'howdah branch create orders review-17 --expires-in 2d'],
  parameters: {
    name: { ...databaseName, field: '/from/database' },
    branch: argument('BRANCH', 'name of the new database', { field: '/name' }),
    ...specParameters,
    ...lifetimeParameters,
    ...changeParameters,
  },
  async run(context, { name, branch, ...input }) {
    const client = await context.client()
    const answer = await client.databases.create({
      name: branch,
      from: { database: name },
      ...specFields(input, context.terminal.now()),
    }, { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    const isDone = await finish(context, answer.operation, input)
    return databaseDetails(isDone ? await client.databases.get(branch) : answer)
  },
})
