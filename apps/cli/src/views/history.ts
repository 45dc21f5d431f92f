import type { AuditEntry, LogRecord, ServiceEvent } from '@howdah/sdk'
import type { View } from '../output/view.ts'
import { printable, time } from '../output/format.ts'
import { colourOf } from '../output/paint.ts'
import { listView } from '../output/view.ts'

export function auditList(entries: readonly AuditEntry[]): View {
  return listView(entries, () => [
    { title: '#', value: ({ id }) => String(id), align: 'right' },
    { title: 'AT', value: ({ at }) => time(at) },
    { title: 'WHO', value: ({ actor }) => actor, narrowest: 12 },
    { title: 'ACTION', value: ({ action }) => action, narrowest: 16 },
    { title: 'TARGET', value: ({ target }) => target, narrowest: 12 },
    { title: 'OUTCOME', value: ({ outcome }) => outcome, colour: ({ outcome }) => colourOf(outcome) },
    { title: 'FROM', value: ({ sourceIp }) => sourceIp ?? '', dispensable: 1 },
    { title: 'CHANGES', value: ({ changes }) => changesText(changes), narrowest: 16, dispensable: 2 },
  ], 'There is no audit entry.')
}

function changesText(changes: AuditEntry['changes']): string {
  return Object.entries(changes).map(([field, change]) => {
    const to = typeof change === 'object' && change !== null && 'to' in change ? change.to : change
    return `${field}: ${JSON.stringify(to)}`
  }).join(', ')
}

export function eventList(events: readonly ServiceEvent[]): View {
  return listView(events, () => [
    { title: 'AT', value: ({ at }) => time(at) },
    { title: 'DATABASE', value: ({ database }) => database },
    { title: 'SEVERITY', value: ({ severity }) => severity, colour: ({ severity }) => colourOf(severity) },
    { title: 'TYPE', value: ({ type }) => type },
    { title: 'MESSAGE', value: ({ message }) => message, narrowest: 20 },
  ], 'Nothing has happened.')
}

/** One line of a followed stream. */
export function eventLine(data: unknown, at: string, name: string, word: string, message: string): View {
  return {
    data,
    text: ({ paint }) => `${paint('dim', time(at))}  ${printable(name)}  ${paint(colourOf(word), word)}${message && `  ${printable(message)}`}\n`,
  }
}

/** One record of PostgreSQL's log, as a person reads it. */
export function logLine(record: LogRecord): View {
  return {
    data: record,
    text: ({ paint }) => {
      const who = [record.member, record.user && `${record.user}@${record.database ?? ''}`, record.pid && `pid ${record.pid}`].filter(Boolean).join(' ')
      const more = [['DETAIL', record.detail], ['HINT', record.hint], ['STATEMENT', record.statement]] as const
      return [
        `${paint('dim', record.at)} ${paint(colourOf(record.severity), record.severity.padEnd(7))} ${printable(record.message)}${record.sqlState && record.sqlState !== '00000' ? ` ${paint('dim', record.sqlState)}` : ''}${who && paint('dim', `  [${who}]`)}`,
        ...more.flatMap(([title, text]) => text ? [`  ${paint('dim', `${title}:`)} ${printable(text)}`] : []),
        '',
      ].join('\n')
    },
  }
}
