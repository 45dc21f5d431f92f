import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { databaseName } from '../../input/parameters.ts'
import { databaseDetails } from '../../views/database.ts'

export const reset = defineCommand({
  summary: 'Let a branch become what its parent is now',
  description: 'Its address, its users and their passwords stay; sessions end once. What it is now is kept for 24 hours: howdah db undo-restore.',
  examples: ['howdah branch reset orders-experiment', 'howdah branch reset orders-experiment --dry-run'],
  parameters: { name: databaseName, ...changeParameters },
  async run(context, { name, ...input }) {
    const client = await context.client()
    const answer = await client.databases.reset(name, { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    await finish(context, answer.id, input)
    return databaseDetails(await client.databases.get(name))
  },
})
