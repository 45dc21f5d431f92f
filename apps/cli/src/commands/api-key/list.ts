import { defineCommand } from '../../command.ts'
import { apiKeyList } from '../../views/access.ts'

export const list = defineCommand({
  summary: 'List the API keys of the project',
  examples: ['howdah api-key list'],
  parameters: {},
  async run(context) {
    return apiKeyList(await (await context.client()).apiKeys.list({ signal: context.terminal.signal }).toArray())
  },
})
