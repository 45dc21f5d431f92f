import { defineCommand } from '../../command.ts'
import { memberList } from '../../views/access.ts'
import { currentProject } from '../project/current.ts'

export const list = defineCommand({
  summary: 'List the members of the project',
  examples: ['howdah member list', 'howdah member list --project sales'],
  parameters: {},
  async run(context) {
    return memberList(await (await context.client()).members.list(await currentProject(context), { signal: context.terminal.signal }).toArray())
  },
})
