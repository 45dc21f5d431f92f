import type { Database } from '@howdah/sdk'
import type { Context } from '../../context.ts'
import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { databaseName, remainingArguments, text } from '../../input/parameters.ts'
import { runPsql } from '../../psql.ts'

/** psql's own exit code for it. */
const noConnection = 2

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
    const client = await context.client()
    const connection = await client.databases.connection(name, given({ role, db }), { signal: context.terminal.signal })
    const code = await runPsql(context, connection, psqlArguments)
    if (code === noConnection)
      explain(context, await client.databases.get(name))
    return code
  },
})

/** psql cannot know why nothing answers. */
function explain({ hint }: Context, { name, phase, message }: Database): void {
  if (phase === 'hibernated')
    hint(`${name} is hibernated. Start it with: howdah db resume ${name}`)
  else if (phase !== 'ready')
    hint(`${name} is ${phase}. ${message}`.trim())
}
