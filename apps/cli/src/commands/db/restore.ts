import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { databaseName, text } from '../../input/parameters.ts'
import { duration, moment } from '../../input/values.ts'
import { databaseDetails } from '../../views/database.ts'

export const restore = defineCommand({
  summary: 'Let a database become what it was',
  description: 'Its address, its users and their passwords stay. It serves until what is restored is at hand; then sessions end once. What it is now is kept: howdah db undo-restore. To look first, restore into a new database: howdah restore.',
  examples: ['howdah db restore orders --at 2026-11-30T11:59:00Z', 'howdah db restore orders --point before-migration-42 --dry-run', 'howdah db restore orders --at 10m --undo-within 7d'],
  parameters: {
    name: databaseName,
    at: text('--at <time>', 'every commit up to this time; or a duration ago: 10m', { field: '/at' }),
    lsn: text('--lsn <position>', 'all that was written before this position in the WAL', { field: '/lsn' }),
    point: text('--point <name>', 'a restore point', { field: '/name' }),
    backup: text('--backup <id>', 'when this backup was finished', { field: '/backup' }),
    undoWithin: text('--undo-within <duration>', 'for how long it can be undone (default: 24h)', { field: '/undoUntil' }),
    ...changeParameters,
  },
  async run(context, { name, at, lsn, point, backup, undoWithin, ...input }) {
    const client = await context.client()
    const now = context.terminal.now()
    const undoUntil = undoWithin === undefined ? undefined : new Date(now + duration(undoWithin)).toISOString()
    const answer = await client.databases.restore(name, given({ at: at && moment(at, now), lsn, name: point, backup, undoUntil }), { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    await finish(context, answer.id, input)
    return databaseDetails(await client.databases.get(name))
  },
})
