import { defineCommand } from '../../command.ts'
import { optionalArgument } from '../../input/parameters.ts'
import { projectDetails } from '../../views/access.ts'
import { currentProject } from './current.ts'

export const get = defineCommand({
  summary: 'Show a project, its quota and what is used of it',
  examples: ['howdah project get', 'howdah project get sales'],
  parameters: { project: optionalArgument('PROJECT', 'name of the project (default: the present one)') },
  async run(context, { project }) {
    return projectDetails(await (await context.client()).projects.get(project ?? await currentProject(context), { signal: context.terminal.signal }))
  },
})
