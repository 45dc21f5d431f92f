import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { list as many, option, text } from '../../input/parameters.ts'
import { integer } from '../../input/values.ts'
import { operationList } from '../../views/operation.ts'

export const list = defineCommand({
  summary: 'List operations, newest first',
  examples: ['howdah operation list', 'howdah operation list --database orders --phase failed'],
  parameters: {
    database: text('--database <name>', 'only about this database'),
    type: text('--type <type>', 'only of this type: database.create'),
    phase: many('--phase <phase>', 'only in this phase; may be repeated'),
    limit: option('--limit <count>', 'at most so many (default: 20)', integer),
  },
  async run(context, { database, type, phase, limit = 20 }) {
    const operations = (await context.client()).operations.list(given({
      database,
      // The server knows types and phases and names them when one is wrong.
      type: type as never,
      phase: phase as never,
      limit: Math.min(limit, 200),
    }), { signal: context.terminal.signal })
    return operationList(await operations.toArray(limit))
  },
})
