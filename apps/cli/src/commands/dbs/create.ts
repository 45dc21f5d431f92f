import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { argument, databaseName, text } from '../../input/parameters.ts'
import { dbDetails } from '../../views/contents.ts'

export const create = defineCommand({
  summary: 'Create a logical database',
  examples: ['howdah dbs create orders warehouse', 'howdah dbs create orders warehouse --owner reporting'],
  parameters: {
    name: databaseName,
    db: argument('DB', 'logical database', { field: '/name' }),
    owner: text('--owner <user>', 'PostgreSQL user (default: the database\'s owner)', { field: '/owner' }),
    ...changeParameters,
  },
  async run(context, { name, db, owner, ...input }) {
    const client = await context.client()
    const answer = await client.dbs.create(name, { name: db, ...given({ owner }) }, { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    const isDone = await finish(context, answer.operation, input)
    return dbDetails(isDone ? await client.dbs.get(name, db) : answer)
  },
})
