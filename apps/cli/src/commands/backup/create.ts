import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { databaseName } from '../../input/parameters.ts'
import { textView } from '../../output/view.ts'
import { backupDetails } from '../../views/backup.ts'

export const create = defineCommand({
  summary: 'Take a base backup now',
  description: 'Clients notice nothing. WAL is archived all the time; the backup is where a restore begins.',
  examples: ['howdah backup create orders', 'howdah backup create orders --no-wait'],
  parameters: { name: databaseName, ...changeParameters },
  async run(context, { name, ...input }) {
    const client = await context.client()
    const answer = await client.backups.create(name, { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    const operation = await finish(context, answer.id, input)
    return operation ? backupDetails(await client.backups.get(name, operation.target)) : textView(answer, `The backup ${answer.target} is being taken.`)
  },
})
