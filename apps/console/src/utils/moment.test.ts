import { expect, it } from 'vitest'
import { fromOf, latest, momentIn, momentQuery, whyNotTime } from './moment.ts'

const window = {
  earliest: '2026-11-20T00:00:00Z',
  latest: '2026-11-21T00:00:00Z',
  earliestLsn: '0/2000000',
  latestLsn: '0/9000000',
  gaps: [{ from: '2026-11-20T10:00:00Z', to: '2026-11-20T11:00:00Z', fromLsn: '0/4000000', toLsn: '0/5000000' }],
}

it('a moment goes through an address and comes back the same', () => {
  for (const moment of [latest, { kind: 'at', value: '2026-11-20T09:00:00Z' }, { kind: 'lsn', value: '0/3000158' }, { kind: 'name', value: 'before-42' }, { kind: 'backup', value: 'id' }] as const)
    expect(momentIn(momentQuery(moment))).toEqual(moment)
})

it('an address that says something else says nothing', () => {
  expect(momentIn({ at: ['twice', 'twice'], other: 'x' })).toEqual(latest)
})

it('the request names one moment at most', () => {
  expect(fromOf('orders', latest)).toEqual({ database: 'orders' })
  expect(fromOf('orders', { kind: 'lsn', value: '0/3000158' })).toEqual({ database: 'orders', lsn: '0/3000158' })
})

it('a time outside of the window or in a gap is answered with the nearest that can be restored', () => {
  expect(whyNotTime('2026-11-20T09:59:59Z', window)).toBeUndefined()
  expect(whyNotTime('2026-11-20T10:30:00Z', window)?.nearest).toEqual(['2026-11-20T10:00:00Z', '2026-11-20T11:00:00Z'])
  expect(whyNotTime('2026-11-19T00:00:00Z', window)?.nearest).toEqual([window.earliest])
  expect(whyNotTime('2026-11-22T00:00:00Z', window)?.nearest).toEqual([window.latest])
  expect(whyNotTime('2026-11-20T10:30:00Z', { ...window, earliest: null, latest: null })?.nearest).toEqual([])
})

it('the ends of a gap can be restored', () => {
  expect(whyNotTime('2026-11-20T10:00:00Z', window)).toBeUndefined()
  expect(whyNotTime('2026-11-20T11:00:00Z', window)).toBeUndefined()
})
