import { defineCommand } from '../../command.ts'
import { argument, flag } from '../../input/parameters.ts'
import { confirmName } from '../../input/prompts.ts'
import { Missing } from '../../missing.ts'
import { textView } from '../../output/view.ts'

export const remove = defineCommand({
  summary: 'Revoke an API key',
  examples: ['howdah api-key delete ci'],
  parameters: { key: argument('KEY', 'name or id of the key'), yes: flag('-y, --yes', 'do not ask') },
  async run(context, { key, yes }) {
    const client = await context.client()
    const keys = await client.apiKeys.list({ signal: context.terminal.signal }).toArray()
    const found = keys.find(({ id, name }) => id === key || name === key)
    if (!found)
      throw new Missing(`There is no API key ${key}`, 'See `howdah api-key list`.')
    await confirmName(context.terminal, `the API key ${found.name}`, found.name, yes)
    await client.apiKeys.delete(found.id, { signal: context.terminal.signal })
    return textView({ id: found.id, name: found.name, deleted: true }, `${found.name} is revoked.`)
  },
})
