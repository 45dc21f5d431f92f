import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { databaseName, flag } from '../../input/parameters.ts'
import { confirmName } from '../../input/prompts.ts'
import { textView } from '../../output/view.ts'

export const remove = defineCommand({
  summary: 'Delete a database and its data',
  examples: ['howdah db delete orders', 'howdah db delete orders --yes', 'howdah db delete orders --keep-volumes'],
  parameters: {
    name: databaseName,
    yes: flag('-y, --yes', 'do not ask'),
    keepVolumes: flag('--keep-volumes', 'leave its volumes, where the location can'),
    ...changeParameters,
  },
  async run(context, { name, yes, keepVolumes, ...input }) {
    const client = await context.client()
    if (!input.dryRun)
      await confirmName(context.terminal, keepVolumes ? `the database ${name}` : `the database ${name} and all its data`, name, yes)
    const answer = await client.databases.delete(name, { dryRun: input.dryRun ?? false, keepVolumes: keepVolumes ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    const operation = await finish(context, answer.id, input) ?? answer
    return textView(operation, operation.phase === 'succeeded' ? `${name} is deleted.` : `${name} is being deleted.`)
  },
})
