import type { Seen } from './phase.ts'
import { describe, expect, it } from 'vitest'
import { judge, membersOf, storageLevelOf } from './phase.ts'
import { parseState } from './state.ts'
import { cluster, pod, seen } from './testing/seen.ts'

function quota(hard: Record<string, number>) {
  return { namespace: 'howdah-shop', hard, used: {} }
}

const fresh = { state: parseState(undefined) }

describe('the phase of a database', () => {
  it.each<[string, Partial<Seen>, string, string]>([
    ['answers', {}, 'ready', ''],
    ['is healthy to the operator and does not answer', { answers: false }, 'restarting', 'NotAnswering'],
    ['has no ready primary', { answers: false, pods: [pod({ isReady: false })] }, 'restarting', 'PrimaryNotReady'],
    ['changes its primary', { answers: false, cluster: cluster({ targetPrimary: 'orders-2' }) }, 'restarting', 'FailingOver'],
    ['hands its role over', { answers: false, cluster: cluster({ targetPrimary: 'orders-2', state: { ...cluster().state, switchover: { id: 'o', from: 'orders-1', to: 'orders-2', isDone: false } } }) }, 'switching-over', 'SwitchoverRequested'],
    ['never answered', { cluster: cluster(fresh), answers: false }, 'provisioning', ''],
    ['waits for its image', { cluster: cluster(fresh), answers: false, pods: [pod({ isReady: false, trouble: { reason: 'ImagePullBackOff', message: '' } })] }, 'provisioning', 'ImageUnavailable'],
    ['finds no image in the catalogue', { cluster: cluster({ ...fresh, phase: 'Cluster has incomplete or invalid image catalog' }), answers: false, pods: [] }, 'provisioning', 'NotInCatalogue'],
    ['lost its image in the catalogue', { cluster: cluster({ phase: 'Cluster has incomplete or invalid image catalog' }) }, 'degraded', 'NotInCatalogue'],
    ['fits on no node', { answers: false, pods: [pod({ isReady: false, trouble: { reason: 'Unschedulable', message: '0/3 nodes are available: 3 Insufficient memory.' } })] }, 'failed', 'NoNodeFits'],
    ['has its volume on a node that is away', { cluster: cluster({ instances: 2 }), pods: [pod(), pod({ name: 'orders-2', isReady: false, trouble: { reason: 'Unschedulable', message: '0/2 nodes are available: 2 node(s) didn\'t match PersistentVolume\'s node affinity.' } })] }, 'degraded', 'VolumeAway'],
    ['gets no volume', { cluster: cluster(fresh), answers: false, pods: [pod({ trouble: { reason: 'Unschedulable', message: '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims' } })] }, 'provisioning', 'StorageUnavailable'],
    ['has no room for its server in the quota', { cluster: cluster(fresh), answers: false, pods: [], quotas: [quota({ 'requests.cpu': 0.5 })] }, 'provisioning', 'QuotaExceeded'],
    ['has no room for its volume in the quota', { cluster: cluster({ ...fresh, volumes: 0 }), answers: false, pods: [], quotas: [quota({ 'requests.storage': 1 })] }, 'provisioning', 'QuotaExceeded'],
    ['has its volume and a full quota of storage', { cluster: cluster(fresh), answers: false, pods: [], quotas: [quota({ 'requests.storage': 1 })] }, 'provisioning', ''],
    ['runs under a full quota', { quotas: [quota({ 'requests.cpu': 0 })] }, 'ready', ''],
    ['has no room for another instance', { cluster: cluster({ instances: 2 }), quotas: [quota({ pods: 0 })] }, 'degraded', 'QuotaExceeded'],
    ['filled its volume and is away', { answers: false, cluster: cluster({ phase: 'Not enough disk space' }) }, 'failed', 'StorageFull'],
    ['has nearly filled its volume', { storageUsedBytes: 0.95 * 2 ** 30 }, 'degraded', 'StorageNearlyFull'],
    ['has room on its volume', { storageUsedBytes: 0.85 * 2 ** 30 }, 'ready', ''],
    ['filled its volume and answers', { cluster: cluster({ phase: 'Not enough disk space' }) }, 'degraded', 'StorageFull'],
    ['does not archive although the operator calls it healthy', { cluster: cluster({ conditions: [{ type: 'ContinuousArchiving', status: 'False', reason: '', message: '' }] }) }, 'degraded', 'ArchiveStuck'],
    ['holds its WAL back while the primary changes', { cluster: cluster({ conditions: [{ type: 'ContinuousArchiving', status: 'False', reason: 'ContinuousArchivingFailing', message: 'switchover in progress, refusing archiving' }] }) }, 'ready', ''],
    ['has a replica that does not follow', { cluster: cluster({ instances: 2 }), pods: [pod(), pod({ name: 'orders-2' })], lag: new Map() }, 'degraded', 'InstanceMissing'],
    ['has a replica that follows', { cluster: cluster({ instances: 2 }), pods: [pod(), pod({ name: 'orders-2' })], lag: new Map([['orders-2', { bytes: 0, seconds: 0 }]]) }, 'ready', ''],
    ['cannot be made from its backup', { cluster: cluster({ ...fresh, origin: { kind: 'archive', archive: { store: 'archive-o', server: 'o' }, target: {} } }), answers: false, pods: [pod({ isInstance: false, isReady: false, trouble: { reason: 'Error', message: '' } })] }, 'provisioning', 'RestoreFailing'],
    ['has a certificate that is over', { answers: false, complaint: 'CERT_HAS_EXPIRED' }, 'failed', 'CertificateExpired'],
    ['has a certificate that is over, and sessions that began before', { cluster: cluster({ certificates: { 'orders-server': '2026-02-24 02:56:02 +0000 UTC' } }) }, 'degraded', 'CertificateExpired'],
    ['has a certificate that is not over yet', { cluster: cluster({ certificates: { 'orders-server': '2026-02-24 03:56:02 +0000 UTC' } }) }, 'ready', ''],
    ['waits for its load balancer', { cluster: cluster(fresh), answers: false, isBalancerPending: true }, 'provisioning', 'AddressPending'],
    ['starts before its load balancer has an address', { cluster: cluster({ ...fresh, phase: 'Setting up primary' }), answers: false, isBalancerPending: true }, 'provisioning', ''],
    ['lost its load balancer', { answers: false, isBalancerPending: true }, 'failed', 'AddressPending'],
    ['answers by a name that needs no load balancer', { isBalancerPending: true }, 'ready', ''],
    ['has a name that leads nowhere', { answers: false, complaint: 'ENOTFOUND' }, 'failed', 'NameUnresolved'],
    ['lost a replica', { cluster: cluster({ instances: 2 }) }, 'degraded', 'InstanceMissing'],
    ['cannot be asked', { answers: false, problem: 'connection refused' }, 'unknown', 'ClusterUnreachable'],
    ['cannot be asked and answers', { problem: 'connection refused' }, 'ready', ''],
    ['goes to sleep', { answers: false, cluster: cluster({ isHibernationAsked: true }) }, 'restarting', 'Stopping'],
    ['sleeps', { answers: false, pods: [], cluster: cluster({ isHibernationAsked: true, conditions: [{ type: 'cnpg.io/hibernation', status: 'True', reason: '', message: '' }] }) }, 'hibernated', ''],
    ['is given up by the operator', { answers: false, cluster: cluster({ phase: 'Cluster is unrecoverable and needs manual intervention' }) }, 'failed', 'Unrecoverable'],
  ])('that %s', (_, change, phase, reason) => {
    const judged = judge(seen(change))
    expect(judged).toMatchObject({ phase, reason })
    expect(judged.message !== '').toBe(reason !== '')
  })

  it('names the primary by the operator\'s word, and keeps the members of a sleeping database', () => {
    const replicated = seen({ cluster: cluster({ instances: 2, currentPrimary: 'orders-2' }), pods: [pod({ name: 'orders-2' }), pod({ isReady: false })], lag: new Map([['orders-1', { bytes: 7, seconds: 0.5 }]]) })
    expect(membersOf(replicated)).toEqual([
      { name: 'orders-1', role: 'replica', phase: 'starting', lagBytes: 7, lagSeconds: 0.5 },
      { name: 'orders-2', role: 'primary', phase: 'ready', lagBytes: null, lagSeconds: null },
    ])
    const asleep = seen({ pods: [], cluster: cluster({ instances: 2, isHibernationAsked: true }) })
    expect(membersOf(asleep).map(({ phase, role }) => [role, phase])).toEqual([['primary', 'stopped'], ['replica', 'stopped']])
  })
})

describe('how full the volume is', () => {
  const ten = cluster({ needs: { pod: {}, volume: { 'requests.storage': 10 * 2 ** 30 } } })
  it.each<[string, Partial<Seen>, string | undefined]>([
    ['is not known while no server tells', { storageUsedBytes: undefined }, undefined],
    ['is nothing to tell while there is room', { storageUsedBytes: 8 * 2 ** 30 }, 'room'],
    ['is not over as soon as it is less again', { storageUsedBytes: 8.8 * 2 ** 30 }, 'almost'],
    ['is told while there is time to do something', { storageUsedBytes: 9.1 * 2 ** 30 }, 'nearly-full'],
    ['is told also when the archive is what fills it', { storageUsedBytes: 9.1 * 2 ** 30, cluster: { ...ten, conditions: [{ type: 'ContinuousArchiving', status: 'False', reason: '', message: '' }] } }, 'nearly-full'],
    ['is what the operator says when no server answers', { answers: false, storageUsedBytes: undefined, cluster: { ...ten, phase: 'Not enough disk space' } }, 'full'],
  ])('%s', (_, change, expected) => {
    expect(storageLevelOf(seen({ cluster: ten, ...change }))?.level).toBe(expected)
  })
})
