import type { OperationType, Phase } from '@howdah/contract'
import type { StoredFailure, StoredObserved } from '../store/schema.ts'
import { operationTypes, phases } from '@howdah/contract'
import { describe, expect, it } from 'vitest'
import { phaseOf } from './settle.ts'

function seen(phase: string, reason = '', message = ''): StoredObserved {
  return { phase, reason, message, since: '2026-01-01T00:00:00.000Z', members: [], endpoint: null, serverVersion: null, storageUsedBytes: null, connections: null, transactionsPerSecond: null, generation: 1, pendingRestart: [] }
}
const failure: StoredFailure = { operation: 'o', reason: 'SettingsRejected', message: 'PostgreSQL does not take this.' }
function row(observed: StoredObserved | null, options: { failure?: StoredFailure, phase?: Phase, isHibernated?: boolean } = {}) {
  return { observed, failure: options.failure ?? null, phase: options.phase ?? 'ready', is_hibernated: options.isHibernated ?? false }
}

describe('an operation that runs decides', () => {
  it.each<[OperationType, Phase]>([
    ['database.create', 'provisioning'],
    ['database.update', 'updating'],
    ['database.restart', 'restarting'],
    ['database.switchover', 'switching-over'],
    ['database.hibernate', 'hibernating'],
    ['database.resume', 'resuming'],
    ['database.rotate-credentials', 'updating'],
    ['database.delete', 'deleting'],
  ])('%s → %s, whatever is seen', (type, phase) => {
    for (const observed of [null, seen('ready'), seen('failed', 'StartFailed'), seen('unknown')])
      expect(phaseOf(row(observed, { failure }), [type])).toEqual({ phase, reason: '', message: '' })
  })
  it('the first of several, because it is the one that runs', () => {
    expect(phaseOf(row(seen('ready')), ['database.restart', 'database.update']).phase).toBe('restarting')
  })
  it('but a delete always shows, also while it waits', () => {
    expect(phaseOf(row(seen('ready')), ['database.update', 'database.delete']).phase).toBe('deleting')
  })
  it.each(operationTypes.filter(type => !type.startsWith('database.')))('%s leaves the phase of the database alone', (type) => {
    expect(phaseOf(row(seen('ready')), [type]).phase).toBe('ready')
    expect(phaseOf(row(seen('ready')), [type, 'database.update']).phase).toBe('updating')
  })
})

describe('otherwise what was seen decides', () => {
  it.each<[string, Phase]>([['provisioning', 'provisioning'], ['ready', 'ready'], ['restarting', 'restarting'], ['degraded', 'degraded'], ['failed', 'failed'], ['hibernated', 'hibernated']])('%s → %s with its reason', (observed, phase) => {
    expect(phaseOf(row(seen(observed, 'Why', 'Because.')), [])).toEqual({ phase, reason: 'Why', message: 'Because.' })
  })
  it('nothing seen yet: it is being made', () => {
    expect(phaseOf(row(null), [])).toEqual({ phase: 'provisioning', reason: '', message: '' })
  })
})

describe('a failure of the newest operation shows', () => {
  it.each<[StoredObserved | null, Phase]>([
    [null, 'failed'],
    [seen('provisioning'), 'failed'],
    [seen('ready'), 'degraded'],
    [seen('hibernated'), 'hibernated'],
  ])('%j → %s', (observed, phase) => {
    expect(phaseOf(row(observed, { failure }), [])).toEqual({ phase, reason: failure.reason, message: failure.message })
  })
  it.each(['restarting', 'degraded', 'failed'])('but not over what is worse now: %s', (observed) => {
    expect(phaseOf(row(seen(observed, 'PostmasterExited', 'It ended.'), { failure }), [])).toEqual({ phase: observed, reason: 'PostmasterExited', message: 'It ended.' })
  })
})

describe('an engine that cannot be asked', () => {
  it.each<Phase>(['provisioning', 'ready', 'degraded', 'failed', 'restarting', 'hibernated'])('%s stays, and says that it is old', (phase) => {
    expect(phaseOf(row(seen('unknown'), { phase }), [])).toEqual({ phase, reason: 'Unknown', message: expect.stringContaining('seen last') })
  })
  it.each<[Phase, Partial<Parameters<typeof row>[1]>, Phase]>([
    ['updating', {}, 'ready'],
    ['resuming', {}, 'ready'],
    ['updating', { failure }, 'degraded'],
    ['hibernating', { isHibernated: true }, 'hibernated'],
  ])('%s ended with its operation and does not stay for ever', (phase, more, expected) => {
    expect(phaseOf(row(seen('unknown'), { phase, ...more }), []).phase).toBe(expected)
  })
})

it('answers a phase of the contract for everything that can come together', () => {
  for (const observed of [null, ...['provisioning', 'ready', 'restarting', 'degraded', 'failed', 'hibernated', 'unknown'].map(phase => seen(phase))]) {
    for (const phase of phases) {
      for (const open of [[], ...operationTypes.map(type => [type])])
        expect(phases).toContain(phaseOf(row(observed, { phase }), open).phase)
    }
  }
})
