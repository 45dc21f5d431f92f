import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { argument, choice, list, option } from '../../input/parameters.ts'
import { duration } from '../../input/values.ts'
import { apiKeyDetails } from '../../views/access.ts'

export const create = defineCommand({
  summary: 'Make an API key for the project',
  description: 'It is shown once. Give it to programs as HOWDAH_TOKEN.',
  examples: ['howdah api-key create ci', 'howdah api-key create backup --role viewer --expires 30d', 'howdah api-key create deploy --scope databases.read --scope databases.credentials'],
  parameters: {
    name: argument('NAME', 'what it is for', { field: '/name' }),
    role: choice('--role <role>', 'what it may do (default: developer)', ['viewer', 'developer', 'admin'], { field: '/role' }),
    scope: list('--scope <action>', 'only this action of the role; may be repeated', { field: '/scopes' }),
    expires: option('--expires <duration>', 'when it ends: 30d, or never (default: 90d)', text => text === 'never' ? null : duration(text), { field: '/expiresAt' }),
  },
  async run(context, { name, role, scope, expires }) {
    const key = await (await context.client()).apiKeys.create({
      name,
      ...given({
        role,
        // The server knows the actions and names them when one is wrong.
        scopes: scope as never,
        expiresAt: typeof expires === 'number' ? new Date(context.terminal.now() + expires).toISOString() : expires,
      }),
    }, { signal: context.terminal.signal })
    return apiKeyDetails(key)
  },
})
