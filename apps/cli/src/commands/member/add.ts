import { defineCommand } from '../../command.ts'
import { argument } from '../../input/parameters.ts'
import { memberList } from '../../views/access.ts'
import { currentProject } from '../project/current.ts'
import { role } from './roles.ts'

export const add = defineCommand({
  summary: 'Add a person to the project',
  examples: ['howdah member add ada@example.org --role developer'],
  parameters: { email: argument('EMAIL', 'e-mail of the person', { field: '/email' }), role },
  async run(context, { email, role = 'developer' }) {
    return memberList([await (await context.client()).members.add(await currentProject(context), { email, role }, { signal: context.terminal.signal })])
  },
})
