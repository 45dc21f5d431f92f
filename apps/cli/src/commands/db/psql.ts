import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { databaseName, remainingArguments, text } from '../../input/parameters.ts'
import { runPsql } from '../../psql.ts'

export const psql = defineCommand({
  summary: 'Open psql on a database',
  description: 'The password goes to psql in its environment, never in its arguments. What follows -- is given to psql.',
  examples: [
    'howdah db psql orders',
    'howdah db psql orders -- -c "select version()"',
    'howdah db psql orders --role reporting < report.sql',
  ],
  parameters: {
    name: databaseName,
    psqlArguments: remainingArguments('PSQL-ARGUMENTS', 'for psql, after --', { required: false }),
    role: text('--role <user>', 'user of the database (default: its owner)'),
    db: text('--db <name>', 'logical database (default: the first one)'),
  },
  async run(context, { name, psqlArguments, role, db }) {
    const connection = await (await context.client()).databases.connection(name, given({ role, db }), { signal: context.terminal.signal })
    return await runPsql(context, connection, psqlArguments)
  },
})
