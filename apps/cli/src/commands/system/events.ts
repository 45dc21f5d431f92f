import type { HowdahClient, ServiceEvent, StreamEvent } from '@howdah/sdk'
import type { Context } from '../../context.ts'
import type { View } from '../../output/view.ts'
import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { choice, flag, option, optionalArgument, text } from '../../input/parameters.ts'
import { integer, moment } from '../../input/values.ts'
import { UsageError } from '../../usage-error.ts'
import { eventLine, eventList } from '../../views/history.ts'

/** Without a name every database is asked; more of them are a question for --follow or the audit log. */
const mostDatabases = 200
const atOnce = 8

export const events = defineCommand({
  summary: 'Show what happened to a database, or to all',
  description: 'Newest first. With --follow: everything that changes, as it happens.',
  examples: ['howdah events orders', 'howdah events --follow', 'howdah events orders --severity warning --since 7d --until 1d'],
  parameters: {
    name: optionalArgument('NAME', 'Name of the database (default: all)', { completes: 'database' }),
    follow: flag('-f, --follow', 'show what happens from now on'),
    severity: choice('--severity <severity>', 'at least this', ['info', 'warning', 'error']),
    since: text('--since <time>', 'a time, or a duration ago: 2h'),
    until: text('--until <time>', 'a time, or a duration ago'),
    limit: option('--limit <count>', 'at most so many (default: 50)', integer),
  },
  async run(context, { name, follow, severity, since, until, limit = 50 }) {
    const client = await context.client()
    if (follow)
      return await followEvents(context, name)
    const now = context.terminal.now()
    const filter = given({ severity, from: since && moment(since, now), to: until && moment(until, now), limit: Math.min(limit, 200) })
    const options = { signal: context.terminal.signal }
    const names = name === undefined ? await allNames(client) : [name]
    const found: ServiceEvent[] = []
    for (let begin = 0; begin < names.length; begin += atOnce) {
      const lists = names.slice(begin, begin + atOnce).map(one => client.databases.serviceLogs(one, filter, options).toArray(limit))
      found.push(...(await Promise.all(lists)).flat())
    }
    return eventList(found.sort((a, b) => b.at.localeCompare(a.at)).slice(0, limit))
  },
})

async function allNames(client: HowdahClient): Promise<string[]> {
  const databases = await client.databases.list({ limit: mostDatabases }).page()
  if (databases.nextCursor !== null)
    throw new UsageError(`There are more than ${mostDatabases} databases`, 'Name one, or use --follow.')
  return databases.items.map(({ name }) => name)
}

async function followEvents({ client, terminal, record }: Context, name: string | undefined): Promise<void> {
  const phases = new Map<string, string>()
  for await (const event of (await client()).events.stream({ signal: terminal.signal })) {
    const view = name === undefined || event.name === name ? streamView(event, phases) : undefined
    if (view)
      record(view)
  }
}

/** Undefined: it tells nothing new to a person, such as another count of connections. */
function streamView(event: StreamEvent, phases: Map<string, string>): View | undefined {
  const { at, name, kind, database, operation } = event
  if (kind === 'reset')
    return eventLine(event, at, '', 'reset', 'Some events were lost.')
  if (kind === 'database-deleted')
    return eventLine(event, at, name, 'deleted', '')
  if (event.event)
    return eventLine(event, at, name, event.event.severity, `${event.event.type}: ${event.event.message}`)
  const [key, phase, message] = operation
    ? [operation.id, operation.phase, [operation.type, operation.target, operation.error?.message].filter(Boolean).join(' ')]
    : [name, database?.phase ?? '', database?.message ?? '']
  if (phases.get(key) === phase)
    return undefined
  phases.set(key, phase)
  return eventLine(event, at, name, phase, message)
}
