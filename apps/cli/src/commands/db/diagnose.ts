import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { databaseName, text } from '../../input/parameters.ts'
import { diagnosisView } from '../../views/diagnosis.ts'

export const diagnose = defineCommand({
  summary: 'Test the connection, and name the step that fails',
  description: 'The server connects as a client would, with all checks, and says what it met. The audit log records it.',
  examples: ['howdah db diagnose orders', 'howdah db diagnose orders --role reporting --db warehouse'],
  parameters: {
    name: databaseName,
    role: text('--role <user>', 'user of the database (default: its owner)', { field: '?role' }),
    db: text('--db <name>', 'logical database (default: the first one)', { field: '?db' }),
  },
  async run(context, { name, role, db }) {
    return diagnosisView(await (await context.client()).databases.diagnose(name, given({ role, db }), { signal: context.terminal.signal }))
  },
})
