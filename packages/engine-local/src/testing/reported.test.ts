import type { ServiceEvent } from '@howdah/engine'
import { describe, expect, it } from 'vitest'
import { unreported } from './reported.ts'

const moment = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second))

function failover(second: number, details: Record<string, unknown>): ServiceEvent {
  return { ref: { id: '', name: '', project: '' }, at: moment(second), type: 'failover.done', severity: 'error', message: '', details: { forkLsn: '0/1000', ...details } }
}

const row = (second: number, flushed: string) => ({ row: `1:${second}`, at: moment(second), flushed })

describe('rows that are lost', () => {
  it.each<[string, ServiceEvent[], number]>([
    ['no failover', [], 1],
    ['nothing told', [failover(5, { lostBytesAre: 'at-most', lostBytes: 0, endLsn: '0/1000' })], 1],
    ['told, and within it', [failover(5, { lostBytesAre: 'at-most', lostBytes: 0x200, endLsn: '0/1200' })], 0],
    ['told, and behind its end', [failover(5, { lostBytesAre: 'at-most', lostBytes: 0x80, endLsn: '0/1080' })], 1],
    ['before the new history begins', [failover(5, { lostBytesAre: 'at-most', lostBytes: 0x200, forkLsn: '0/1100', endLsn: '0/1300' })], 1],
    ['acknowledged after it', [failover(2, { lostBytesAre: 'unknown', lostBytes: null })], 1],
    ['written after somebody had looked', [failover(5, { lostBytesAre: 'at-least', lostBytes: 0, endLsn: '0/1000', seenAt: moment(2).toISOString() })], 0],
    ['written before somebody had looked, and seen', [failover(5, { lostBytesAre: 'at-least', lostBytes: 0x200, endLsn: '0/1200', seenAt: moment(4).toISOString() })], 0],
    ['written before somebody had looked, and told not to be', [failover(5, { lostBytesAre: 'at-least', lostBytes: 0x10, endLsn: '0/1010', seenAt: moment(4).toISOString() })], 1],
    ['not known', [failover(5, { lostBytesAre: 'unknown', lostBytes: null, endLsn: null })], 0],
  ])('%s', (_, failovers, count) => {
    expect(unreported([row(3, '0/1100')], failovers)).toHaveLength(count)
  })

  it('are no more than fit in what was told', () => {
    const told = failover(5, { lostBytesAre: 'at-most', lostBytes: 200, endLsn: '0/1200' })
    expect(unreported([row(1, '0/1100'), row(2, '0/1110'), row(3, '0/1120')], [told])).toHaveLength(1)
  })
})
