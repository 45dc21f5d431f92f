import { defineCommand } from '../../command.ts'
import { argument, flag } from '../../input/parameters.ts'
import { confirmName } from '../../input/prompts.ts'
import { textView } from '../../output/view.ts'

export const remove = defineCommand({
  summary: 'Delete an empty project (operators)',
  examples: ['howdah project delete sales'],
  parameters: { project: argument('PROJECT', 'name of the project'), yes: flag('-y, --yes', 'do not ask') },
  async run(context, { project, yes }) {
    const client = await context.client()
    await confirmName(context.terminal, `the project ${project}`, project, yes)
    await client.projects.delete(project, { signal: context.terminal.signal })
    return textView({ project, deleted: true }, `${project} is deleted.`)
  },
})
