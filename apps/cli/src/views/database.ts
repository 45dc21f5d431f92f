import type { Database } from '@howdah/sdk'
import type { View } from '../output/view.ts'
import { age, bytes, elapsed, gib, mib, pairsText, time, yesNo } from '../output/format.ts'
import { colourOf } from '../output/paint.ts'
import { detailView, listView } from '../output/view.ts'

export function databaseList(databases: readonly Database[]): View {
  return listView(databases, ({ now }) => [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'PHASE', value: ({ phase }) => phase, colour: ({ phase }) => colourOf(phase) },
    { title: 'VERSION', value: database => database.serverVersion ?? String(database.version), dispensable: 3 },
    { title: 'ADDRESS', value: address, dispensable: 4 },
    { title: 'STORAGE', value: storage, dispensable: 2 },
    { title: 'MEMORY', value: ({ memoryMib }) => memoryMib === null ? '' : mib(memoryMib), align: 'right', dispensable: 5 },
    { title: 'AGE', value: ({ createdAt }) => age(createdAt, now), align: 'right', dispensable: 1 },
    { title: 'MESSAGE', value: ({ message }) => message, narrowest: 12, dispensable: 6 },
  ], 'There is no database. Make one: howdah db create NAME')
}

export function databaseDetails(database: Database): View {
  return detailView(database, ({ now }) => [
    ['Name', database.name],
    ['Phase', `${database.phase} for ${age(database.since, now)}`, colourOf(database.phase)],
    ['Reason', [database.reason, database.message].filter(Boolean).join(': ')],
    ['Address', address(database)],
    ['Reads', database.endpoint?.readOnlyPort === undefined ? '' : `${database.endpoint.host}:${database.endpoint.readOnlyPort}`],
    ['Version', `PostgreSQL ${database.serverVersion ?? database.version}`],
    ['Location', database.location],
    ['Began as', database.from ? `${database.from.database}, ${database.from.kind} ${database.from.value}`.trimEnd() : ''],
    ['Instances', database.members.length > 0 ? database.members.map(memberText).join(', ') : String(database.instances)],
    ['Durability', database.durability],
    ['Storage', storage(database)],
    ['Memory', database.memoryMib === null ? 'no limit' : mib(database.memoryMib)],
    ['CPU', database.cpu === null ? 'no limit' : String(database.cpu)],
    ['Connections', database.connections === null ? '' : String(database.connections)],
    ['Networks', database.allowedCidrs.join(', ') || 'none'],
    ['Extensions', database.extensions.join(', ')],
    ['Parameters', pairsText(database.parameters)],
    ['Waits for restart', database.pendingRestart.join(', '), 'yellow'],
    ['Labels', pairsText(database.labels)],
    ['Backups', backups(database)],
    ['Last drill', lastDrill(database), database.lastDrill?.outcome === 'failed' ? 'red' : undefined],
    ['Maintenance', maintenance(database)],
    ['Expires', database.expiresAt === null ? '' : time(database.expiresAt), 'yellow'],
    ['Undo until', database.undoUntil === null ? '' : time(database.undoUntil), 'yellow'],
    ['Protected', yesNo(database.deletionProtection)],
    ['Managed by', database.managedBy === 'git' ? 'git' : ''],
    ['Operation', database.operation ?? ''],
    ['Scheduled', database.scheduledOperation ?? '', 'yellow'],
    ['Created', time(database.createdAt)],
    ['Changed', `${time(database.updatedAt)} (generation ${database.generation})`],
  ])
}

function memberText({ lagBytes, lagSeconds, name, phase, role }: Database['members'][number]): string {
  // PostgreSQL keeps the time that it measured for a moment after a replica has everything.
  const lag = lagBytes ? [bytes(lagBytes), ...lagSeconds !== null && lagSeconds >= 0.05 ? [`${lagSeconds.toFixed(1)} s`] : []] : []
  return `${name} (${[role, phase, ...lag.length > 0 ? [`${lag.join(' and ')} behind`] : []].join(', ')})`
}

function backups({ backup }: Database): string {
  return backup ? `${backup.schedule === null ? 'when asked for' : `${backup.schedule} (${backup.timeZone})`}, restorable for ${backup.retentionDays} days` : ''
}

function maintenance({ maintenanceWindow: { days, durationMinutes, start, timeZone } }: Database): string {
  return `${days.length === 7 ? 'every day' : days.join(', ')} at ${start} (${timeZone}), for ${durationMinutes} min`
}

function lastDrill({ backup, lastDrill: drill }: Database): string {
  if (!drill)
    return backup ? 'none: its backups are not proved' : ''
  return drill.outcome === 'failed'
    ? `FAILED at ${time(drill.at)}: ${drill.message}`
    : [`passed at ${time(drill.at)}`, ...drill.recoveryTimeMs === null ? [] : [`back in ${elapsed(drill.recoveryTimeMs)}`], ...drill.dataLossMs === null ? [] : [`the last ${elapsed(drill.dataLossMs)} at risk`]].join(', ')
}

export function address({ endpoint }: Database): string {
  return endpoint ? `${endpoint.host}:${endpoint.port}` : ''
}

function storage({ storageUsedBytes, storageGib }: Database): string {
  return storageUsedBytes === null ? gib(storageGib) : `${bytes(storageUsedBytes)} of ${gib(storageGib)}`
}
