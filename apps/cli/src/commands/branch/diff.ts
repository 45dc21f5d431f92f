import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { databaseName, text } from '../../input/parameters.ts'
import { schemaDiff } from '../../views/schema-diff.ts'

export const diff = defineCommand({
  summary: 'Show how the schema of a branch differs from that of its parent',
  examples: ['howdah branch diff orders-experiment', 'howdah branch diff orders-experiment --against orders-staging --db reports'],
  parameters: {
    name: databaseName,
    against: text('--against <name>', 'the other database; default: the one that it began as', { completes: 'database', field: '/against' }),
    db: text('--db <name>', 'logical database of both; default: the first one', { field: '/db' }),
  },
  async run(context, { name, against, db }) {
    return schemaDiff(await (await context.client()).databases.schemaDiff(name, given({ against, db }), { signal: context.terminal.signal }))
  },
})
