import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { databaseName, text } from '../../input/parameters.ts'
import { databaseDetails } from '../../views/database.ts'

export const switchover = defineCommand({
  summary: 'Make another instance the primary',
  description: 'Nothing that was committed is lost. The address stays; sessions with the old primary end.',
  examples: ['howdah db switchover orders', 'howdah db switchover orders --to orders-2', 'howdah db switchover orders --dry-run'],
  parameters: {
    name: databaseName,
    to: text('--to <member>', 'the member that becomes it (default: the replica that is furthest)', { field: '?to' }),
    ...changeParameters,
  },
  async run(context, input) {
    const client = await context.client()
    const answer = await client.databases.switchover(input.name, given({ to: input.to }), { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    await finish(context, answer.id, input)
    return databaseDetails(await client.databases.get(input.name))
  },
})
