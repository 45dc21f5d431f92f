import { changeParameters, finish, isPlan, planView } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { databaseName } from '../../input/parameters.ts'
import { textView } from '../../output/view.ts'
import { userName } from './names.ts'

export const resetPassword = defineCommand({
  summary: 'Give a PostgreSQL user a new generated password',
  description: 'Open connections stay; the old password opens no new one.',
  examples: ['howdah user reset-password orders reporting'],
  parameters: { name: databaseName, user: userName, ...changeParameters },
  async run(context, { name, user, ...input }) {
    const answer = await (await context.client()).users.resetPassword(name, user, { dryRun: input.dryRun ?? false, signal: context.terminal.signal })
    if (isPlan(answer))
      return planView(answer)
    const operation = await finish(context, answer.id, input) ?? answer
    return textView(operation, `${user} ${operation.phase === 'succeeded' ? 'has' : 'gets'} a new password: howdah db connection ${name} --role ${user}`)
  },
})
