import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { list as many, option, text } from '../../input/parameters.ts'
import { integer } from '../../input/values.ts'
import { databaseList } from '../../views/database.ts'

export const list = defineCommand({
  summary: 'List databases',
  examples: ['howdah db list', 'howdah db list --phase failed --phase degraded', 'howdah db list --label team=sales -o json'],
  parameters: {
    phase: many('--phase <phase>', 'only in this phase; may be repeated'),
    label: many('--label <key=value>', 'only with this label, or with this key; may be repeated'),
    search: text('--search <text>', 'only with this text in the name'),
    limit: option('--limit <count>', 'at most so many (default: all)', integer),
  },
  async run(context, { phase, label, search, limit }) {
    const client = await context.client()
    const databases = client.databases.list(given({
      // The server knows the phases and names them when one is wrong.
      phase: phase as never,
      label: label && [...label],
      q: search,
      limit: limit === undefined ? 200 : Math.min(limit, 200),
    }), { signal: context.terminal.signal })
    return databaseList(await databases.toArray(limit))
  },
})
