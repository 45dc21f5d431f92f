import type { Database } from '@howdah/sdk'
import { defineCommand } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'
import { detailView } from '../../output/view.ts'

export const status = defineCommand({
  summary: 'Show how the server and your databases are',
  description: 'Ends with 1 when the server is not ready, or no location answers.',
  examples: ['howdah status', 'howdah status -o json'],
  parameters: {},
  async run(context) {
    const client = await context.client()
    const options = { signal: context.terminal.signal }
    const [{ version }, ready, me, capabilities, databases] = await Promise.all([
      client.system.health(options),
      client.system.ready(options),
      client.auth.me(options),
      client.system.capabilities(options),
      client.databases.list({ limit: 200 }, options).toArray(),
    ])
    const { url } = context.connection()
    const isReady = ready.status === 'ready'
    const canServe = isReady && capabilities.locations.some(({ available }) => available)
    const view = detailView(
      { url, version, ready, project: me.project.name, databases: countByPhase(databases), locations: capabilities.locations },
      () => [
        ['Server', `${url}, version ${version}`],
        ['Ready', isReady ? 'yes' : 'no', isReady ? 'green' : 'red'],
        ...ready.checks.filter(({ ok }) => !ok).map(({ name, message }) => [`  ${name}`, message, 'red'] as const),
        ['You', `${me.user?.email ?? `the API key ${me.apiKey?.name}`}, ${me.project.role} of ${me.project.name}`],
        ['Databases', databases.length === 0 ? 'none yet: howdah db create NAME' : Object.entries(countByPhase(databases)).map(([phase, count]) => `${count} ${phase}`).join(', ')],
        ...capabilities.locations.map(location => [
          `At ${location.name}`,
          location.available
            ? `PostgreSQL ${location.versions.map(({ major }) => major === location.defaultVersion ? `${major} (default)` : major).join(', ')}`
            : `not available: ${location.message}`,
          location.available ? undefined : 'red',
        ] as const),
      ],
    )
    return { ...view, exitCode: exitCodes[canServe ? 'ok' : 'failed'][0] }
  },
})

function countByPhase(databases: readonly Database[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { phase } of databases)
    counts[phase] = (counts[phase] ?? 0) + 1
  return counts
}
