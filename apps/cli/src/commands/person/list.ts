import { defineCommand } from '../../command.ts'
import { personList } from '../../views/access.ts'

export const list = defineCommand({
  summary: 'List the people of the installation (operators)',
  examples: ['howdah person list'],
  parameters: {},
  async run(context) {
    return personList(await (await context.client()).people.list({ signal: context.terminal.signal }).toArray())
  },
})
