import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { databaseName } from '../../input/parameters.ts'
import { textView } from '../../output/view.ts'
import { backupDetails } from '../../views/backup.ts'

export const drill = defineCommand({
  summary: 'Prove the newest base backup by restoring it',
  description: 'It is restored beside the database, looked through and removed. Clients notice nothing; the disk needs the space for as long.',
  examples: ['howdah backup drill orders', 'howdah backup drill orders --no-wait'],
  parameters: { name: databaseName, ...changeParameters },
  async run(context, { name, ...input }) {
    const client = await context.client()
    const answer = await client.backups.drill(name, { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    const operation = await finish(context, answer.id, input)
    const proved = operation && (await client.backups.list(name, { signal: context.terminal.signal }).toArray()).find(({ proof }) => proof?.drill === operation.target)
    return proved ? backupDetails(proved) : textView(answer, `The drill ${answer.target} is under way.`)
  },
})
