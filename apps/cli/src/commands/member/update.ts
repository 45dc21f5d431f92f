import { defineCommand } from '../../command.ts'
import { argument } from '../../input/parameters.ts'
import { UsageError } from '../../usage-error.ts'
import { memberList } from '../../views/access.ts'
import { currentProject } from '../project/current.ts'
import { findMember } from './find.ts'
import { role } from './roles.ts'

export const update = defineCommand({
  summary: 'Change the role of a member',
  examples: ['howdah member update ada@example.org --role admin'],
  parameters: { email: argument('EMAIL', 'e-mail of the member'), role },
  async run(context, { email, role }) {
    if (role === undefined)
      throw new UsageError('There is nothing to change', 'Say the new role: --role viewer, developer or admin.')
    const project = await currentProject(context)
    const { user } = await findMember(context, project, email)
    return memberList([await (await context.client()).members.update(project, user.id, { role }, { signal: context.terminal.signal })])
  },
})
