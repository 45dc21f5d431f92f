import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { argument, databaseName, flag } from '../../input/parameters.ts'
import { confirmName } from '../../input/prompts.ts'
import { textView } from '../../output/view.ts'

export const remove = defineCommand({
  summary: 'Drop a logical database and its data',
  examples: ['howdah dbs delete orders warehouse'],
  parameters: { name: databaseName, db: argument('DB', 'logical database'), yes: flag('-y, --yes', 'do not ask'), ...changeParameters },
  async run(context, { name, db, yes, ...input }) {
    const client = await context.client()
    if (!input.dryRun)
      await confirmName(context.terminal, `the logical database ${db} of ${name} and all its data`, db, yes)
    const answer = await client.dbs.delete(name, db, { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    const operation = await finish(context, answer.id, input) ?? answer
    return textView(operation, operation.phase === 'succeeded' ? `${db} is dropped.` : `${db} is being dropped.`)
  },
})
