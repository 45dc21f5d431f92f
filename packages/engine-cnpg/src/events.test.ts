import type { ClusterView } from './views.ts'
import { describe, expect, it } from 'vitest'
import { happeningsOf } from './events.ts'
import { clusterView } from './views.ts'

const archiving = (status: string, message = ''): object => ({ conditions: [{ type: 'ContinuousArchiving', status, message }] })

function cluster(status: object = {}): ClusterView {
  const object = { metadata: { name: 'orders', namespace: 'howdah-shop' }, status: { currentPrimary: 'orders-1', ...status } }
  return clusterView(object)
}

describe('a change of a Cluster', () => {
  it.each<[string, object, object, string[]]>([
    ['of nothing that matters', {}, { phase: 'Creating a new replica' }, []],
    ['to its first primary', { currentPrimary: '' }, {}, []],
    ['that has no primary for a moment', {}, { currentPrimary: '' }, []],
    ['to another primary while it fails over', { phase: 'Failing over' }, { phase: 'Failing over', currentPrimary: 'orders-2' }, ['failover warning']],
    ['to another primary that was only seen afterwards', {}, { currentPrimary: 'orders-2' }, ['failover warning']],
    ['to another primary as asked', { phase: 'Switchover in progress' }, { currentPrimary: 'orders-2' }, ['switchover info']],
    ['to another primary for a change of its size', {}, { phase: 'Upgrading cluster', currentPrimary: 'orders-2' }, ['switchover info']],
    ['to its first image', {}, { image: 'postgresql:18.4' }, []],
    ['to another image', { image: 'postgresql:18.4' }, { image: 'postgresql:18.5' }, ['image.changed info']],
    ['that archives from its first minute', {}, archiving('True'), []],
    ['whose archive takes no WAL', archiving('True'), archiving('False', 'exit status 1'), ['archive.stuck error']],
    ['whose archive never took any', {}, archiving('False', 'exit status 1'), ['archive.stuck error']],
    ['whose archive takes none still, for another reason', archiving('False', 'exit status 1'), archiving('False', 'exit status 4'), []],
    ['whose archive takes WAL again', archiving('False', 'exit status 1'), archiving('True'), ['archive.resumed info']],
    ['that holds its WAL back while the primary changes', archiving('True'), archiving('False', 'switchover in progress, refusing archiving'), []],
    ['that has its first certificates', {}, { certificates: { expirations: { 'orders-ca': 'a' } } }, []],
    ['of its server\'s certificate', { certificates: { expirations: { 'orders-server': 'a' } } }, { certificates: { expirations: { 'orders-server': 'b' } } }, ['certificate.renewed info']],
    ['of its authority', { certificates: { expirations: { 'orders-ca': 'a' } } }, { certificates: { expirations: { 'orders-ca': 'b' } } }, ['certificate.renewed warning']],
  ])('%s', (_, before, after, expected) => {
    expect(happeningsOf(cluster(before), cluster(after)).map(({ severity, type }) => `${type} ${severity}`)).toEqual(expected)
  })
})

it('a failover has lost nothing that was acknowledged where a commit waits for a replica; otherwise nobody knows yet', () => {
  const lost = (durability: string): unknown => {
    const [before, after] = ['orders-1', 'orders-2'].map(currentPrimary => clusterView({
      metadata: { name: 'orders', namespace: 'howdah-shop', annotations: { 'howdah.dev/state': JSON.stringify({ spec: { durability } }) } },
      ...{ status: { currentPrimary } },
    })) as [ClusterView, ClusterView]
    return happeningsOf(before, after)
  }
  expect(lost('sync')).toMatchObject([{ type: 'failover', details: { lostBytes: 0 }, message: expect.stringContaining('Nothing that was acknowledged is lost') }])
  expect(lost('async')).toMatchObject([{ type: 'failover', details: { lostBytes: null }, message: expect.stringContaining('may be lost') }])
})
