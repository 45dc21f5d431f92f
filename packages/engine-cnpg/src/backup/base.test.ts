import type { Choice } from '@howdah/postgres'
import type { TakenBackup } from './taken.ts'
import { describe, expect, it } from 'vitest'
import { baseFor } from './base.ts'

const gib = 2 ** 30
const room = { storageGib: 10, canGrow: true }

/** `lsn`: in GiB of WAL. */
function backup(id: string, method: TakenBackup['method'], lsn: number, change: Partial<TakenBackup> = {}): TakenBackup {
  const position = `0/${(lsn * 0x400_0000).toString(16).toUpperCase()}`
  return { id, method, startLsn: position, stopLsn: position, dataBytes: gib / 4, ...method === 'snapshot' ? { volumeBytes: 10 * gib } : {}, ...change } as TakenBackup // what is looked at
}

function chosen(backups: readonly TakenBackup[], target: Choice['target'] = { kind: 'time', at: new Date(0) }, backup = backups.at(-1)!): Choice<TakenBackup> {
  return { backup, target, span: { backups } as Choice<TakenBackup>['span'] } // what is looked at
}

function idOf(choice: ReturnType<typeof baseFor>): string {
  return typeof choice === 'string' ? choice : choice.backup.id
}

describe('a restore begins with', () => {
  it.each<[string, readonly TakenBackup[], string]>([
    ['the only backup there is', [backup('a', 'archive', 1)], 'a'],
    ['the newest of those in the archive', [backup('a', 'archive', 1), backup('b', 'archive', 2)], 'b'],
    ['the newest snapshot', [backup('s', 'snapshot', 1), backup('t', 'snapshot', 2)], 't'],
    ['a snapshot that is newer', [backup('a', 'archive', 1), backup('s', 'snapshot', 2)], 's'],
    ['an older snapshot, where less WAL came after it than a newer backup has data', [backup('s', 'snapshot', 1), backup('a', 'archive', 2)], 's'],
    ['a newer backup, where more WAL came after the snapshot', [backup('s', 'snapshot', 1), backup('a', 'archive', 20)], 'a'],
    ['the archive, where the snapshot is of a larger volume', [backup('a', 'archive', 1), backup('s', 'snapshot', 2, { volumeBytes: 11 * gib })], 'a'],
  ])('%s', (_, backups, expected) => {
    expect(idOf(baseFor(chosen(backups), room))).toBe(expected)
  })

  it('the backup that was asked for, whatever would be faster', () => {
    expect(idOf(baseFor(chosen([backup('s', 'snapshot', 1), backup('a', 'archive', 2)], { kind: 'backup', backup: 'a' }), room))).toBe('a')
  })

  it('nothing that was complete only after the target', () => {
    const [a, s] = [backup('a', 'archive', 1), backup('s', 'snapshot', 2)]
    expect(idOf(baseFor(chosen([a, s], undefined, a), room))).toBe('a')
  })
})

it('says how much storage a snapshot needs', () => {
  const large = chosen([backup('s', 'snapshot', 1, { volumeBytes: 11 * gib })])
  expect(baseFor(large, room)).toMatch(/11 GiB.*at least/)
  const small = chosen([backup('s', 'snapshot', 1, { volumeBytes: 9 * gib })])
  expect(idOf(baseFor(small, room))).toBe('s')
  expect(baseFor(small, { ...room, canGrow: false })).toMatch(/9 GiB.*ask for as much/)
})
