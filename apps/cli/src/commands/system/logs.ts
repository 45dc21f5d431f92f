import type { LogRecord } from '@howdah/sdk'
import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { choice, databaseName, flag, option, text } from '../../input/parameters.ts'
import { integer, moment } from '../../input/values.ts'
import { logLine } from '../../views/history.ts'

const severities = ['DEBUG', 'INFO', 'NOTICE', 'LOG', 'WARNING', 'ERROR', 'FATAL', 'PANIC'] as const

export const logs = defineCommand({
  summary: 'Show PostgreSQL\'s own log of a database',
  description: 'Oldest first; with -o json one object per line.',
  examples: ['howdah logs orders', 'howdah logs orders --follow --severity ERROR', 'howdah logs orders --since 2h --contains deadlock'],
  parameters: {
    name: databaseName,
    follow: flag('-f, --follow', 'go on with what is written from now on'),
    severity: choice('--severity <severity>', 'at least this', severities),
    contains: text('--contains <text>', 'only with this text'),
    member: text('--member <name>', 'only of this instance (default: all of them)'),
    since: text('--since <time>', 'a time, or a duration ago: 2h'),
    until: text('--until <time>', 'a time, or a duration ago'),
    limit: option('--limit <count>', 'the last so many (default: 100)', integer),
  },
  async run({ client: connect, terminal, record }, { name, follow, severity, contains, member, since, until, limit = 100 }) {
    const client = await connect()
    const now = terminal.now()
    const filter = given({ severity, contains, member })

    async function last(): Promise<LogRecord[]> {
      const records = client.databases.serverLogs(name, {
        ...filter,
        ...given({ from: since && moment(since, now), to: until && moment(until, now), limit: Math.min(limit, 1000) }),
      }, { signal: terminal.signal })
      return (await records.toArray(limit)).reverse()
    }

    if (!follow) {
      for (const entry of await last())
        record(logLine(entry))
      return
    }
    // First listen, then look back: nothing falls between, and what both tell is shown once.
    const stop = new AbortController()
    const connected = Promise.withResolvers<void>()
    const following = client.databases.followServerLogs(name, filter, {
      signal: AbortSignal.any([terminal.signal, stop.signal]),
      onConnected: () => connected.resolve(),
    })
    try {
      const first = following.next()
      await Promise.race([connected.promise, first])
      const before = await last()
      for (const entry of before)
        record(logLine(entry))
      const shown = new Set(before.map(identity))
      for (let result = await first; !result.done; result = await following.next()) {
        if (!shown.has(identity(result.value)))
          record(logLine(result.value))
      }
    }
    finally {
      stop.abort()
    }
  },
})

function identity({ at, member, pid, message }: LogRecord): string {
  return [at, member, pid, message].join(' ')
}
