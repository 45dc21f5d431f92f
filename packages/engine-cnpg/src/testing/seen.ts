import type { Seen } from '../phase.ts'
import type { ClusterView, PodView } from '../views.ts'
import { parseState } from '../state.ts'

/** A database that is well, and what changes in it. */
export function cluster(change: Partial<ClusterView> = {}): ClusterView {
  return {
    namespace: 'howdah-shop',
    name: 'orders',
    uid: 'u',
    id: 'i',
    project: 'shop',
    isOurs: true,
    installation: undefined,
    createdAt: new Date(0),
    isDeleting: false,
    state: { ...parseState(undefined), isConfigured: true, isProven: true, generation: 1 },
    manifest: 'm',
    source: undefined,
    delivered: undefined,
    instances: 1,
    volumes: 1,
    needs: { pod: { 'pods': 1, 'requests.cpu': 1 }, volume: { 'requests.storage': 2 ** 30 } },
    database: 'orders',
    owner: 'orders',
    origin: undefined,
    drill: undefined,
    rehearsal: undefined,
    kept: undefined,
    isUpgrading: false,
    archive: undefined,
    snapshotClass: undefined,
    ownerSecret: 'orders-app',
    restartedAt: undefined,
    restartOrder: undefined,
    isSupervised: false,
    isFenced: false,
    isExternal: false,
    image: 'ghcr.io/cloudnative-pg/postgresql:18.4',
    dataMajor: 18,
    isRouted: false,
    isHibernationAsked: false,
    phase: 'Cluster in healthy state',
    phaseReason: '',
    readyInstances: 1,
    currentPrimary: 'orders-1',
    targetPrimary: 'orders-1',
    conditions: [],
    certificates: {},
    ...change,
  }
}

export function pod(change: Partial<PodView> = {}): PodView {
  return { namespace: 'howdah-shop', name: 'orders-1', uid: 'one', cluster: 'orders', node: 'node-1', isInstance: true, isUpgrade: false, hasFailed: false, isPrimary: true, isReady: true, isSilent: false, isDeleting: false, restartedAt: undefined, limits: undefined, trouble: undefined, ...change }
}

export function seen(change: Partial<Seen> = {}): Seen {
  return { cluster: cluster(), pods: [pod()], quotas: [], answers: true, complaint: '', lag: undefined, storageUsedBytes: undefined, isBalancerPending: false, problem: undefined, now: new Date('2026-02-24T03:00:00Z'), ...change }
}
