import { defineCommand } from '../../command.ts'
import { yesNo } from '../../output/format.ts'
import { detailView } from '../../output/view.ts'

export const whoami = defineCommand({
  summary: 'Show who you are to the server',
  examples: ['howdah whoami', 'howdah whoami -o json'],
  parameters: {},
  async run(context) {
    const me = await (await context.client()).auth.me({ signal: context.terminal.signal })
    const { url, source } = context.connection()
    return detailView({ ...me, url, source }, () => [
      ['You', me.user?.email ?? `the API key ${me.apiKey?.name}`],
      ['Project', `${me.project.name} (${me.project.role})`],
      ['Other projects', me.projects.filter(({ id }) => id !== me.project.id).map(({ name, role }) => `${name} (${role})`).join(', ')],
      ['Operator', yesNo(me.isOperator)],
      ['Server', url],
      ['Used', source],
    ])
  },
})
