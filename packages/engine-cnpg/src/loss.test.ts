import type { Happening } from './events.ts'
import type { Seen } from './phase.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { givenUpIn, reportLoss } from './loss.ts'
import { cluster, pod, seen } from './testing/seen.ts'

const said = (logger: string, msg: string): string => JSON.stringify({ level: 'info', logger, msg })
const controldata = said('pg_controldata', 'Database cluster state:               in production\nLatest checkpoint location:           0/5000028\nLatest checkpoint\'s REDO location:    0/5000000\n')
const recovered = [
  said('pg_rewind', '2026-11-27 11:32:43.724 UTC [26] LOG:  redo starts at 0/5000028'),
  said('pg_rewind', '2026-11-27 11:32:43.754 UTC [26] LOG:  invalid record length at 0/6000300: expected at least 24, got 0'),
  said('pg_rewind', '2026-11-27 11:32:43.754 UTC [26] LOG:  redo done at 0/60002A0 system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 0.03 s'),
  said('pg_rewind', '2026-11-27 11:32:43.758 UTC [26] LOG:  checkpoint complete: wrote 104 buffers (1.3%); distance=32867 kB, estimate=32867 kB; lsn=0/6000300, redo lsn=0/6000300'),
  said('pg_rewind', '2026-11-27 11:32:43.768 UTC [26] LOG:  checkpoint starting: shutdown immediate'),
  said('pg_rewind', '2026-11-27 11:32:43.777 UTC [26] LOG:  checkpoint complete: wrote 1 buffers (0.0%); distance=16284 kB, estimate=31209 kB; lsn=0/7000028, redo lsn=0/7000028'),
]
const diverged = said('pg_rewind', 'pg_rewind: servers diverged at WAL location 0/6000100 on timeline 1')

describe('what a primary had to give up', () => {
  it.each<[string, readonly string[], bigint | undefined]>([
    ['is from where it was left to where its own WAL ended', ['no JSON', controldata, ...recovered, diverged, said('pg_rewind', ' 51234/51234 kB (100%) copied')], 0x200n],
    ['is not known from where its last record begins', [said('pg_rewind', 'LOG:  redo done at 0/60002A0'), diverged], undefined],
    ['is known also where it stopped in order', [said('pg_controldata', 'Latest checkpoint location:           0/6000180\n'), diverged], 0x80n],
    ['is nothing where there was nothing to rewind', [controldata, said('pg_rewind', 'pg_rewind: no rewind required')], 0n],
    ['is nothing where it ended where it was left', [said('pg_rewind', 'LOG:  invalid record length at 0/6000100: expected at least 24, got 0'), diverged], 0n],
    ['is not known where it did not say how far it was', [controldata, diverged], undefined],
    ['is that of the last time', [...recovered, diverged, said('pg_rewind', 'LOG:  invalid magic number 0000 in WAL segment 000000010000000000000009, LSN 0/9000000, offset 0'), said('pg_rewind', 'pg_rewind: servers diverged at WAL location 0/8FFFFF0 on timeline 2')], 0x10n],
    ['is not known of one that was copied anew', [controldata], undefined],
    ['is nothing that PostgreSQL\'s own log says', [said('postgres', 'servers diverged at WAL location 0/6000100')], undefined],
  ])('%s', (_, lines, expected) => {
    expect(givenUpIn(lines)).toBe(expected)
  })
})

describe('the loss of a failover', () => {
  const heir = pod({ name: 'orders-2', uid: 'two' })
  const both = { cluster: cluster({ instances: 2, currentPrimary: 'orders-2', targetPrimary: 'orders-2' }), pods: [pod({ isPrimary: false }), heir] }
  const following = { ...both, lag: new Map([['orders-1', { bytes: 0, seconds: 0 }]]) }

  async function told(states: readonly Partial<Seen>[], log: readonly string[]): Promise<Happening[]> {
    const happenings: Happening[] = []
    const left = [...states]
    const end = new AbortController()
    const reported = reportLoss({ from: 'orders-1', to: 'orders-2' }, {
      seen: () => seen((left.length > 1 ? left.shift() : left[0]) ?? {}),
      log: async () => log,
      tell: happening => happenings.push(happening),
      signal: end.signal,
      lookEveryMs: 1,
    })
    await Promise.race([reported, delay(50)])
    end.abort()
    await reported
    return happenings
  }

  it('is told when the old primary follows the new one, and not before', async () => {
    const log = [...recovered, diverged]
    expect(await told([{ ...both, lag: new Map() }], log)).toEqual([])
    expect(await told([{ ...both, lag: new Map() }, following], log)).toMatchObject([{ type: 'failover.loss', severity: 'error', message: expect.stringContaining('At most 512 bytes'), details: { from: 'orders-1', to: 'orders-2', lostBytes: 512 } }])
  })

  it('is told to be nothing, or not to be known', async () => {
    expect(await told([following], [said('pg_rewind', 'pg_rewind: no rewind required')])).toMatchObject([{ severity: 'info', details: { lostBytes: 0 } }])
    expect(await told([following], [])).toMatchObject([{ severity: 'error', details: { lostBytes: null } }])
  })

  it('is not known when another instance is there in its place', async () => {
    const replaced = { ...both, pods: [heir, pod({ name: 'orders-3', isPrimary: false })], lag: new Map([['orders-3', { bytes: 0, seconds: 0 }]]) }
    expect(await told([replaced], [...recovered, diverged])).toMatchObject([{ severity: 'error', details: { lostBytes: null } }])
  })
})
