import type { Bucket } from '../bucket.ts'
import { expect, it } from 'vitest'
import { Archive } from './archive.ts'
import { endOfReplay } from './reach.ts'

const span = { from: new Date(0), to: new Date(0), fromLsn: 0x3000028n, backups: [], first: { timeline: 1, number: 3 }, last: { timeline: 1, number: 5 }, isBeforeHole: false }

it.each<[string, bigint, string]>([
  ['to the end of a server that was ended on purpose', 0x5000148n, '0/5000148'],
  ['to the end of the last segment where nothing came after it', 0x6000000n, '0/6000000'],
  ['into the last segment, where nobody says how far that was written', 0x5000000n, '0/5000001'],
  ['into the last segment, of a server that has written more than it archived', 0x7000028n, '0/5000001'],
])('a replay has to get %s', (_, toLsn, lsn) => {
  expect(endOfReplay({ ...span, toLsn })).toEqual({ timeline: 1, lsn })
})

it('a replay along the timeline of an era has to get there on that one', () => {
  expect(endOfReplay({ ...span, toLsn: 0x5000148n, era: { timeline: 3, since: undefined, until: undefined } })).toEqual({ timeline: 3, lsn: '0/5000148' })
})

it('the last segment of an old primary, of which only a part was archived, is none that can be replayed', async () => {
  const keys = ['000000010000000000000004.gz', '000000010000000000000005.partial.gz', '00000002.history.gz'].map(name => ({ key: `db/wals/0000000100000000/${name}`, bytes: 1 }))
  const archive = new Archive({ list: async () => keys } as unknown as Bucket, 'db') // what is asked of it
  expect(await archive.wal()).toEqual({ segments: [{ timeline: 1, number: 4 }], histories: new Set([2]) })
})
