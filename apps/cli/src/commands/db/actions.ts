import type { Command } from '../../command.ts'
import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { databaseName } from '../../input/parameters.ts'
import { databaseDetails } from '../../views/database.ts'

type Action = 'restart' | 'hibernate' | 'resume' | 'rotateCredentials' | 'undoRestore'

/** A verb that asks for one operation and shows the database after it. */
function action(name: Action, summary: string, description: string, word: string): Command {
  return defineCommand({
    summary,
    description,
    examples: [`howdah db ${word} orders`, `howdah db ${word} orders --dry-run`],
    parameters: { name: databaseName, ...changeParameters },
    async run(context, input) {
      const client = await context.client()
      const answer = await client.databases[name](input.name, { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
      if (isPlan(answer))
        return planView(answer)
      await finish(context, answer.id, input)
      return databaseDetails(await client.databases.get(input.name))
    },
  })
}

export const restart = action('restart', 'Restart the servers', 'Client connections are cut once.', 'restart')
export const hibernate = action('hibernate', 'Stop the servers and keep the data', 'It uses no memory and no CPU until it is resumed.', 'hibernate')
export const resume = action('resume', 'Start a hibernated database', 'Its address and its passwords are what they were.', 'resume')
export const rotateCredentials = action('rotateCredentials', 'Give the owner a new password', 'Open connections stay; the old password opens no new one.', 'rotate-credentials')
export const undoRestore = action('undoRestore', 'Undo the last restore in place, reset or upgrade', 'It is what it was just before; what was written since is given up.', 'undo-restore')
