import { applyOf, changeParameters, finish, isPlan, planView, windowParameters } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { databaseName, flag, option, text } from '../../input/parameters.ts'
import { duration, integer } from '../../input/values.ts'
import { time } from '../../output/format.ts'
import { UsageError } from '../../usage-error.ts'
import { databaseDetails } from '../../views/database.ts'
import { operationDetails } from '../../views/operation.ts'
import { upgradeDetails } from '../../views/upgrade.ts'

export const upgrade = defineCommand({
  summary: 'Upgrade PostgreSQL, or rehearse it on a copy',
  description: 'Without --to: what it can become, and what the last rehearsal found. Address, users and passwords stay. To another major version nobody can connect while the data is brought over, and what it was is kept: howdah db undo-restore. To the newest minor its servers restart.',
  examples: ['howdah db upgrade orders', 'howdah db upgrade orders --to 18 --rehearse', 'howdah db upgrade orders --to 18 --dry-run', 'howdah db upgrade orders --to 18 --in-window --undo-within 7d'],
  parameters: {
    name: databaseName,
    to: option('--to <version>', 'major version of PostgreSQL', integer, { field: '/version' }),
    rehearse: flag('--rehearse', 'do it to a copy, which is then removed, and report'),
    undoWithin: text('--undo-within <duration>', 'for how long it can be undone (default: 24h)', { field: '/undoUntil' }),
    ...windowParameters,
    ...changeParameters,
  },
  async run(context, { name, rehearse, to: version, undoWithin, ...input }) {
    const client = await context.client()
    const options = { dryRun: input.dryRun ?? false, signal: context.terminal.signal }
    if (version === undefined) {
      if (rehearse || input.inWindow || input.dryRun)
        throw new UsageError('Say to which version: --to')
      return upgradeDetails(await client.databases.getUpgrade(name))
    }
    if (rehearse) {
      const answer = await client.databases.rehearseUpgrade(name, { version }, options)
      if (isPlan(answer))
        return planView(answer)
      return await finish(context, answer.id, input) ? upgradeDetails(await client.databases.getUpgrade(name)) : operationDetails(answer)
    }
    const undoUntil = undoWithin === undefined ? undefined : new Date(context.terminal.now() + duration(undoWithin)).toISOString()
    const answer = await client.databases.upgrade(name, { version, ...given({ undoUntil }) }, { ...options, ...applyOf(input) })
    if (isPlan(answer))
      return planView(answer)
    if (answer.notBefore !== null) {
      context.hint(`It begins at ${time(answer.notBefore)} at the earliest. Cancel it with: howdah operation cancel ${answer.id}`)
      return operationDetails(answer)
    }
    await finish(context, answer.id, input)
    return databaseDetails(await client.databases.get(name))
  },
})
