import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { choice, databaseName, text } from '../../input/parameters.ts'
import { detailView, textView } from '../../output/view.ts'

const connectionFormats = ['uri', 'psql', 'env', 'node', 'python', 'go', 'java', 'prisma', 'dotnet'] as const

export const connection = defineCommand({
  summary: 'Show how to connect, with the password',
  description: 'Asking is written to the audit log.',
  examples: [
    'howdah db connection orders',
    'psql "$(howdah db connection orders --format uri)"',
    'eval "$(howdah db connection orders --format env)"',
    'howdah db connection orders --role reporting --db warehouse',
  ],
  parameters: {
    name: databaseName,
    format: choice('--format <format>', 'only this one text', connectionFormats),
    role: text('--role <user>', 'user of the database (default: its owner)'),
    db: text('--db <name>', 'logical database (default: the first one)'),
  },
  async run(context, { name, format, role, db }) {
    const connection = await (await context.client()).databases.connection(name, given({ role, db }), { signal: context.terminal.signal })
    if (format)
      return textView(connection.formats[format], connection.formats[format].trimEnd())
    return detailView(connection, () => [
      ['Host', connection.host],
      ['Port', String(connection.port)],
      ['Read-only port', connection.readOnlyPort === undefined ? '' : String(connection.readOnlyPort)],
      ['Database', connection.database],
      ['User', connection.user],
      ['Password', connection.password],
      ['TLS', connection.tls.mode],
      ['URI', connection.formats.uri],
    ])
  },
})
