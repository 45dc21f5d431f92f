import { defineCommand } from '../../command.ts'
import { argument, flag } from '../../input/parameters.ts'
import { confirmName } from '../../input/prompts.ts'
import { textView } from '../../output/view.ts'
import { currentProject } from '../project/current.ts'
import { findMember } from './find.ts'

export const remove = defineCommand({
  summary: 'Remove a person from the project',
  description: 'Ends the person\'s sessions and API keys for the project.',
  examples: ['howdah member remove ada@example.org'],
  parameters: { email: argument('EMAIL', 'e-mail of the member'), yes: flag('-y, --yes', 'do not ask') },
  async run(context, { email, yes }) {
    const project = await currentProject(context)
    const { user } = await findMember(context, project, email)
    await confirmName(context.terminal, `the membership of ${email} in ${project}`, email, yes)
    await (await context.client()).members.remove(project, user.id, { signal: context.terminal.signal })
    return textView({ email, project, removed: true }, `${email} is no member of ${project} any more.`)
  },
})
