import type { Backup, DeletedDatabase, RestorePoint, RestoreWindow } from '@howdah/sdk'
import type { Colour } from '../output/paint.ts'
import type { View } from '../output/view.ts'
import { age, bytes, elapsed, time } from '../output/format.ts'
import { detailView, listView } from '../output/view.ts'

export function backupList(backups: readonly Backup[]): View {
  return listView(backups, ({ now }) => [
    { title: 'ID', value: ({ id }) => id },
    { title: 'FINISHED', value: ({ finishedAt }) => time(finishedAt) },
    { title: 'AGE', value: ({ finishedAt }) => age(finishedAt, now), align: 'right', dispensable: 1 },
    { title: 'METHOD', value: ({ method }) => method, dispensable: 2 },
    { title: 'PROVED', value: proved, colour: ({ proof }) => proof === null ? 'yellow' : proof.outcome === 'passed' ? 'green' : 'red' },
    { title: 'DATA', value: ({ dataBytes }) => size(dataBytes), align: 'right', dispensable: 2 },
    { title: 'STORED', value: ({ storedBytes }) => size(storedBytes), align: 'right', dispensable: 3 },
    { title: 'LSN', value: ({ stopLsn }) => stopLsn, dispensable: 4 },
  ], 'There is no backup. Take one: howdah backup create NAME')
}

export function backupDetails(backup: Backup): View {
  return detailView(backup, () => [
    ['Id', backup.id],
    ['Finished', time(backup.finishedAt)],
    ['Took', elapsed(Date.parse(backup.finishedAt) - Date.parse(backup.startedAt))],
    ['Method', backup.method],
    ['Data', size(backup.dataBytes)],
    ['Stored', size(backup.storedBytes)],
    ['WAL', `${backup.startLsn} to ${backup.stopLsn}, timeline ${backup.timeline}`],
    ['PostgreSQL', backup.serverVersion],
    ...proofDetails(backup),
  ])
}

/** Nothing is measured of an archive that somebody else keeps, nor of what the storage keeps. */
function size(count: number | null): string {
  return count === null ? '' : bytes(count)
}

function proved({ proof }: Backup): string {
  return proof === null ? 'no' : proof.outcome === 'passed' ? time(proof.at) : 'FAILED'
}

function proofDetails({ method, proof }: Backup): (readonly [string, string, Colour?])[] {
  if (proof === null)
    return [['Proved', `no. ${method === 'snapshot' ? 'Drills restore what is in the archive' : 'Restore it beside the database: howdah backup drill NAME'}`, 'yellow']]
  return [
    ['Proved', proof.outcome === 'passed' ? time(proof.at) : `FAILED at ${time(proof.at)}: ${proof.message}`, proof.outcome === 'passed' ? 'green' : 'red'],
    ['Recovery took', proof.recoveryTimeMs === null ? '' : elapsed(proof.recoveryTimeMs)],
    ['Data at risk', proof.dataLossMs === null ? '' : `the last ${elapsed(proof.dataLossMs)}`],
    ['Reached', proof.reachedAt === null ? '' : `${proof.reachedAt} (${proof.reachedLsn})`],
    ...proof.checks.map(({ detail, name, outcome }): readonly [string, string, Colour?] => [`Check ${name}`, detail, outcome === 'passed' ? 'green' : 'red']),
  ]
}

export function windowDetails(window: RestoreWindow): View {
  return detailView(window, () => window.earliest === null
    ? [['Restorable', 'nothing yet. Take a backup: howdah backup create NAME']]
    : [
        ['From', `${window.earliest} (${window.earliestLsn})`],
        ['To', `${window.latest} (${window.latestLsn})`],
        ['Gaps', window.gaps.length === 0 ? 'none' : window.gaps.map(({ from, to }) => `${from} to ${to}`).join(', '), window.gaps.length === 0 ? undefined : 'yellow'],
      ])
}

export function deletedList(databases: readonly DeletedDatabase[]): View {
  return listView(databases, ({ now }) => [
    { title: 'ID', value: ({ id }) => id },
    { title: 'NAME', value: ({ name }) => name, narrowest: 8 },
    { title: 'DELETED', value: ({ deletedAt }) => `${age(deletedAt, now)} ago`, align: 'right', dispensable: 1 },
    { title: 'KEPT UNTIL', value: ({ keptUntil }) => time(keptUntil) },
  ], 'There is no deleted database whose backups are kept.')
}

export function restorePointList(points: readonly RestorePoint[]): View {
  return listView(points, ({ now }) => [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'AT', value: ({ at }) => time(at) },
    { title: 'AGE', value: ({ at }) => age(at, now), align: 'right', dispensable: 1 },
    { title: 'LSN', value: ({ lsn }) => lsn, dispensable: 2 },
  ], 'There is no restore point. Make one: howdah restore-point create NAME POINT')
}
