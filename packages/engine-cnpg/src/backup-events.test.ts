import { describe, expect, it } from 'vitest'
import { backupHappening, backupNews } from './backup-events.ts'

const ours = { 'howdah.dev/backup': 'b-1' }
const scheduled = { 'cnpg.io/scheduled-backup': 'nightly' }

function backup(phase: string | undefined, labels: Record<string, string> = {}, annotations: Record<string, string> = {}) {
  const object = { metadata: { name: 'orders-1', namespace: 'howdah-shop', labels, annotations }, spec: { cluster: { name: 'orders' } }, status: phase === undefined ? {} : { phase, error: 'the bucket is away' } }
  return backupNews(object)
}

describe('a change of a Backup', () => {
  it.each<[string, ReturnType<typeof backup> | undefined, ReturnType<typeof backup>, string | undefined]>([
    ['that is only asked for', undefined, backup(undefined), undefined],
    ['that begins', backup('pending'), backup('started'), 'backup.started'],
    ['that goes on', backup('started'), backup('running'), undefined],
    ['that is complete', backup('running'), backup('completed'), 'backup.completed'],
    ['that was complete when it was seen first', undefined, backup('completed'), 'backup.completed'],
    ['that fails', backup('running'), backup('failed'), 'backup.failed'],
    ['that cannot be taken at all', backup(undefined), backup('invalid backup definition'), 'backup.failed'],
    ['from which only a branch begins', backup(undefined, { 'howdah.dev/branch': 'b' }), backup('completed', { 'howdah.dev/branch': 'b' }), undefined],
    ['of ours that begins', backup(undefined, ours), backup('started', ours), 'backup.started'],
    ['of ours whose WAL is on its way', backup('running', ours), backup('completed', ours), undefined],
    ['of ours that is whole', backup('completed', ours), backup('completed', ours, { 'howdah.dev/taken': '{}' }), 'backup.completed'],
    ['of ours that is given up', backup('completed', ours, { 'howdah.dev/taken': '{}' }), backup('completed', ours, { 'howdah.dev/taken': 'removed' }), undefined],
    ['of ours that fails, of which the operation tells', backup('running', ours), backup('failed', ours), undefined],
  ])('%s', (_, before, after, expected) => {
    expect(backupHappening(before, after)?.type).toBe(expected)
  })

  it('says which schedule it is of, and why it failed', () => {
    expect(backupHappening(backup('running', scheduled), backup('failed', scheduled))).toEqual({
      type: 'backup.failed',
      severity: 'error',
      message: 'A backup of the schedule "nightly" was not taken: the bucket is away.',
      details: { backup: 'orders-1', schedule: 'nightly' },
    })
  })
})
