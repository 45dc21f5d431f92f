import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { choice, databaseName } from '../../input/parameters.ts'
import { textView } from '../../output/view.ts'
import { backupDetails } from '../../views/backup.ts'

export const create = defineCommand({
  summary: 'Take a base backup now',
  description: 'Clients notice nothing. WAL is archived all the time; the backup is where a restore begins. A snapshot is lost with the storage that it is of.',
  examples: ['howdah backup create orders', 'howdah backup create orders --no-wait', 'howdah backup create orders --method snapshot'],
  parameters: {
    name: databaseName,
    method: choice('--method <method>', 'where its files are: in the archive, or, where the location has them, a snapshot of the volume (default: archive)', ['archive', 'snapshot'], { field: '?method' }),
    ...changeParameters,
  },
  async run(context, { name, ...input }) {
    const client = await context.client()
    const answer = await client.backups.create(name, given({ method: input.method }), { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    const operation = await finish(context, answer.id, input)
    return operation ? backupDetails(await client.backups.get(name, operation.target)) : textView(answer, `The backup ${answer.target} is being taken.`)
  },
})
