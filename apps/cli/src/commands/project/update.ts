import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { argument, text } from '../../input/parameters.ts'
import { UsageError } from '../../usage-error.ts'
import { projectDetails } from '../../views/access.ts'
import { quotaOf, quotaParameters } from './quota.ts'

export const update = defineCommand({
  summary: 'Change a project; its quota only as an operator',
  examples: ['howdah project update sales --description "Sales and support"', 'howdah project update sales --quota-storage 500GiB'],
  parameters: {
    project: argument('PROJECT', 'name of the project'),
    description: text('--description <text>', 'what it is for', { field: '/description' }),
    ...quotaParameters,
  },
  async run(context, { project, description, ...quota }) {
    const fields = { ...given({ description }), ...quotaOf(quota) }
    if (Object.keys(fields).length === 0)
      throw new UsageError('There is nothing to change')
    return projectDetails(await (await context.client()).projects.update(project, fields, { signal: context.terminal.signal }))
  },
})
