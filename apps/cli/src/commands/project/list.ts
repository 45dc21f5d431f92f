import { defineCommand } from '../../command.ts'
import { projectList } from '../../views/access.ts'

export const list = defineCommand({
  summary: 'List the projects that you may see',
  examples: ['howdah project list'],
  parameters: {},
  async run(context) {
    return projectList(await (await context.client()).projects.list({ signal: context.terminal.signal }).toArray())
  },
})
