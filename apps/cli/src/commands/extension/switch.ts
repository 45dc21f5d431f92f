import type { Command } from '../../command.ts'
import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { databaseName, remainingArguments } from '../../input/parameters.ts'
import { textView } from '../../output/view.ts'
import { updateRead } from '../db/read-modify-write.ts'

function switching(verb: 'enable' | 'disable', summary: string, change: (on: readonly string[], named: readonly string[]) => string[]): Command {
  return defineCommand({
    summary,
    examples: [`howdah extension ${verb} orders pgcrypto`, `howdah extension ${verb} orders pg_stat_statements --dry-run`],
    parameters: {
      name: databaseName,
      extensions: { ...remainingArguments('EXTENSION', 'extensions of the catalogue', { required: true }), field: '/extensions' },
      ...changeParameters,
    },
    async run(context, { name, extensions, ...input }) {
      const client = await context.client()
      const answer = await updateRead(client, name, database => ({ extensions: change(database.extensions, extensions) }), { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
      if (isPlan(answer))
        return planView(answer)
      const isDone = await finish(context, answer.operation, input)
      const database = isDone ? await client.databases.get(name) : answer
      return textView(database, `On in ${name}: ${database.extensions.join(', ') || 'none'}.`)
    },
  })
}

export const enable = switching('enable', 'Turn extensions on', (on, named) => [...new Set([...on, ...named])])
export const disable = switching('disable', 'Turn extensions off', (on, named) => on.filter(name => !named.includes(name)))
