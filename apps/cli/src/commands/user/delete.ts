import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { databaseName, flag } from '../../input/parameters.ts'
import { confirmName } from '../../input/prompts.ts'
import { textView } from '../../output/view.ts'
import { userName } from './names.ts'

export const remove = defineCommand({
  summary: 'Drop a PostgreSQL user',
  description: 'What it owns goes to the database\'s owner.',
  examples: ['howdah user delete orders reporting'],
  parameters: { name: databaseName, user: userName, yes: flag('-y, --yes', 'do not ask'), ...changeParameters },
  async run(context, { name, user, yes, ...input }) {
    const client = await context.client()
    if (!input.dryRun)
      await confirmName(context.terminal, `the user ${user} of ${name}`, user, yes)
    const answer = await client.users.delete(name, user, { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    const operation = await finish(context, answer.id, input) ?? answer
    return textView(operation, operation.phase === 'succeeded' ? `${user} is dropped.` : `${user} is being dropped.`)
  },
})
