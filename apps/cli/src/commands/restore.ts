import type { RestoredFolder } from '../views/archive.ts'
import { changeParameters, finish, isPlan, planView } from '../changes.ts'
import { defineCommand } from '../command.ts'
import { given } from '../given.ts'
import { argument, text } from '../input/parameters.ts'
import { moment } from '../input/values.ts'
import { askArchives } from '../server-program.ts'
import { restoredFolder } from '../views/archive.ts'
import { databaseDetails } from '../views/database.ts'
import { lifetimeParameters, specFields, specParameters } from './db/spec-parameters.ts'

export const restore = defineCommand({
  summary: 'Make a database that begins as another one was',
  description: 'The other database stays as it is. Without a moment: the latest. What can be asked for is in howdah backup window. What is not said of the new one is as the other has it. With --from out of archives and into a folder: then no control plane is needed, only its key.',
  examples: [
    'howdah restore orders orders-before --at 2026-11-30T11:59:00Z',
    'howdah restore orders orders-copy',
    'howdah restore orders orders-before --point before-migration-42 --dry-run',
    'howdah restore orders ./orders --from /srv/howdah/backups --key secret.key',
  ],
  parameters: {
    name: argument('NAME', 'the other database, or the id of a deleted one', { completes: 'database', field: '/from/database' }),
    copy: argument('COPY', 'name of the new database; with --from, the folder that is made', { field: '/name' }),
    at: text('--at <time>', 'every commit up to this time; or a duration ago: 2h', { field: '/from/at' }),
    lsn: text('--lsn <position>', 'all that was written before this position in the WAL', { field: '/from/lsn' }),
    point: text('--point <name>', 'a restore point', { field: '/from/name' }),
    backup: text('--backup <id>', 'when this backup was finished', { field: '/from/backup' }),
    from: text('--from <place>', 'folder or s3:// address of the archives'),
    key: text('--key <file>', 'with --from: the key of the installation'),
    credentials: text('--credentials <file>', 'with --from: the access key, for an s3:// address'),
    ...specParameters,
    ...lifetimeParameters,
    ...changeParameters,
  },
  async run(context, { name, copy, at, lsn, point, backup, from, key, credentials, ...input }) {
    if (from !== undefined)
      return restoredFolder(askArchives<RestoredFolder>(context.terminal, ['restore', from, name, copy], { key, credentials, at: at && moment(at, context.terminal.now()), lsn, point, backup }))
    const client = await context.client()
    const answer = await client.databases.create({
      name: copy,
      from: { database: name, ...given({ at: at && moment(at, context.terminal.now()), lsn, name: point, backup }) },
      ...specFields(input, context.terminal.now()),
    }, { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    const isDone = await finish(context, answer.operation, input)
    return databaseDetails(isDone ? await client.databases.get(copy) : answer)
  },
})
