import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { argument, text } from '../../input/parameters.ts'
import { projectDetails } from '../../views/access.ts'
import { quotaOf, quotaParameters } from './quota.ts'

export const create = defineCommand({
  summary: 'Create a project (operators)',
  examples: ['howdah project create sales --description "Sales team" --quota-databases 10'],
  parameters: {
    project: argument('PROJECT', 'name of the project', { field: '/name' }),
    description: text('--description <text>', 'what it is for', { field: '/description' }),
    ...quotaParameters,
  },
  async run(context, { project, description, ...quota }) {
    const made = await (await context.client()).projects.create({ name: project, ...given({ description }), ...quotaOf(quota) }, { signal: context.terminal.signal })
    context.hint(`Work in it: howdah login --project ${project}`)
    return projectDetails(made)
  },
})
