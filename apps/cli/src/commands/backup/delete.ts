import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { argument, databaseName, flag } from '../../input/parameters.ts'
import { confirmName } from '../../input/prompts.ts'
import { textView } from '../../output/view.ts'

export const remove = defineCommand({
  summary: 'Delete a base backup',
  examples: ['howdah backup delete orders 0190c3a5-5c1e-7000-8000-1f2e3d4c5b6a'],
  parameters: { name: databaseName, backup: argument('BACKUP', 'id of the backup'), yes: flag('-y, --yes', 'do not ask'), ...changeParameters },
  async run(context, { name, backup, yes, ...input }) {
    const client = await context.client()
    if (!input.dryRun)
      await confirmName(context.terminal, `a backup of ${name}, and what only it makes restorable`, name, yes)
    const answer = await client.backups.delete(name, backup, { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    const operation = await finish(context, answer.id, input) ?? answer
    return textView(operation, operation.phase === 'succeeded' ? 'The backup is deleted.' : 'The backup is being deleted.')
  },
})
