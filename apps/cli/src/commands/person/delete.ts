import { defineCommand } from '../../command.ts'
import { argument, flag } from '../../input/parameters.ts'
import { confirmName } from '../../input/prompts.ts'
import { textView } from '../../output/view.ts'
import { findPerson } from '../member/find.ts'

export const remove = defineCommand({
  summary: 'Remove a person (operators)',
  description: 'Ends every session and revokes every API key of theirs.',
  examples: ['howdah person delete ada@example.org'],
  parameters: { email: argument('EMAIL', 'e-mail of the person'), yes: flag('-y, --yes', 'do not ask') },
  async run(context, { email, yes }) {
    const { id } = await findPerson(context, email)
    await confirmName(context.terminal, `the person ${email}`, email, yes)
    await (await context.client()).people.delete(id, { signal: context.terminal.signal })
    return textView({ email, deleted: true }, `${email} is removed.`)
  },
})
