import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { choice, option, text } from '../../input/parameters.ts'
import { integer, moment } from '../../input/values.ts'
import { auditList } from '../../views/history.ts'

export const list = defineCommand({
  summary: 'List who did what, newest first',
  examples: ['howdah audit list', 'howdah audit list --database orders --since 7d', 'howdah audit list --outcome denied -o json'],
  parameters: {
    database: text('--database <name>', 'only about this database'),
    actor: text('--actor <name>', 'only by this e-mail or API key'),
    action: text('--action <action>', 'only this action, or all that begin with it: databases.'),
    target: text('--target <target>', 'only this target: database/orders'),
    outcome: choice('--outcome <outcome>', 'only with this outcome', ['success', 'denied', 'failure']),
    since: text('--since <time>', 'a time, or a duration ago: 2h'),
    until: text('--until <time>', 'a time, or a duration ago'),
    limit: option('--limit <count>', 'at most so many (default: 50)', integer),
  },
  async run(context, { database, since, until, limit = 50, ...filter }) {
    const client = await context.client()
    const now = context.terminal.now()
    const query = given({
      ...filter,
      from: since && moment(since, now),
      to: until && moment(until, now),
      limit: Math.min(limit, 200),
    })
    const options = { signal: context.terminal.signal }
    const entries = database === undefined ? client.audit.list(query, options) : client.databases.logs(database, query, options)
    return auditList(await entries.toArray(limit))
  },
})
