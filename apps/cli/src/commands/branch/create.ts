import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { argument, databaseName, option } from '../../input/parameters.ts'
import { duration } from '../../input/values.ts'
import { databaseDetails } from '../../views/database.ts'

export const create = defineCommand({
  summary: 'Make a database that begins as another one is now',
  description: 'It has its own address and passwords, and both go their own ways. Where the file system shares blocks it takes no space at first.',
  examples: ['howdah branch create orders orders-experiment', 'howdah branch create orders review-17 --expires-in 2d'],
  parameters: {
    name: databaseName,
    branch: argument('BRANCH', 'name of the new database', { field: '/name' }),
    expiresIn: option('--expires-in <duration>', 'it is deleted after this time: 2h, 7d', duration, { field: '/expiresAt' }),
    ...changeParameters,
  },
  async run(context, { name, branch, expiresIn, ...input }) {
    const client = await context.client()
    const answer = await client.databases.create({
      name: branch,
      from: { database: name },
      ...given({ expiresAt: expiresIn === undefined ? undefined : new Date(context.terminal.now() + expiresIn).toISOString() }),
    }, { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    const isDone = await finish(context, answer.operation, input)
    return databaseDetails(isDone ? await client.databases.get(branch) : answer)
  },
})
