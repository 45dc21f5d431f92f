import type { View } from '../output/view.ts'
import { bytes, time } from '../output/format.ts'
import { detailView, listView } from '../output/view.ts'

/** As the server's program tells it. */
export interface ArchiveReport {
  readonly id: string
  readonly name: string | null
  readonly project: string | null
  readonly backups: readonly { readonly id: string, readonly finishedAt: string, readonly proof: { readonly at: string, readonly isGood: boolean } | null }[]
  readonly window: readonly { readonly from: string, readonly to: string }[]
  readonly objects: number
  readonly bytes: number
  readonly problems: readonly string[]
}

export interface RestoredFolder {
  readonly data: string
  readonly bin: string
  readonly serverVersion: string
  readonly user: string
  readonly passwordFile: string
}

export function archiveList(archives: readonly ArchiveReport[], isVerified: boolean): View {
  const list = listView(archives, () => [
    { title: 'ID', value: ({ id }) => id },
    { title: 'NAME', value: ({ name }) => name ?? '?', narrowest: 8 },
    { title: 'PROJECT', value: ({ project }) => project ?? '?', dispensable: 3 },
    { title: 'BACKUPS', value: ({ backups }) => String(backups.length), align: 'right', dispensable: 2 },
    { title: 'FROM', value: ({ window }) => window[0] ? time(window[0].from) : '' },
    { title: 'TO', value: ({ window }) => window.at(-1) ? time(window.at(-1)!.to) : '' },
    { title: 'SIZE', value: archive => bytes(archive.bytes), align: 'right', dispensable: 1 },
    { title: isVerified ? 'VERIFIED' : 'PROBLEMS', value: ({ objects, problems }) => problems.length > 0 ? `${problems.length} problems` : isVerified ? `${objects} objects` : 'none seen', colour: ({ problems }) => problems.length > 0 ? 'red' : undefined },
  ], 'There are no archives here.')
  const problems = archives.flatMap(archive => archive.problems)
  return {
    ...list,
    text: style => list.text(style) + problems.map(problem => `${style.paint('red', 'Problem:')} ${problem}\n`).join(''),
    exitCode: problems.length > 0 ? 1 : 0,
  }
}

export function restoredFolder(restored: RestoredFolder): View {
  return detailView(restored, () => [
    ['Data', restored.data],
    ['PostgreSQL', restored.serverVersion],
    ['Superuser', `${restored.user}, its password is in ${restored.passwordFile}`],
    ['Start', `${restored.bin}/pg_ctl -D ${restored.data} start`],
  ])
}
