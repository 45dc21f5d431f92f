import type { DatabaseSpec } from '@howdah/engine'
import type { Catalogue, Settings } from '@howdah/postgres'
import type { ClusterView } from './views.ts'
import { defaultSettings } from '@howdah/postgres'

/** Bounded moves towards a spec, in the order in which they are made. */
export type Step = 'claim' | 'start' | 'configure' | 'credentials' | 'restart' | 'scale' | 'reload' | 'resize' | 'apply' | 'extensions' | 'login' | 'stop'

/** What is there, as far as the difference depends on it. */
export interface Reality {
  /** Undefined: nothing of this database. */
  readonly cluster: ClusterView | undefined
  /** True: the API has the manifests of the spec, and nobody changed them since. */
  readonly isApplied: boolean
  /** Digest of the manifest of the spec. */
  readonly manifest: string
  readonly isPasswordSame: boolean
  readonly isLoginProven: boolean
  readonly isHibernated: boolean
  /** True: the servers run with the manifest. Looked at only while the database is being made. */
  readonly isStarted: boolean
  /** True: its servers do not archive, and with the manifest they will. */
  readonly beginsToArchive: boolean
  /** True: its pods are probed in another way than the manifest says, as those that an older version made. */
  readonly isProbedOtherwise: boolean
}

/** The steps that lead from what is there to the spec. Empty: nothing to do. */
export function stepsTo(spec: DatabaseSpec, reality: Reality, catalogue: Catalogue): Step[] {
  const { cluster } = reality
  if (!cluster || !cluster.state.isProven) {
    return [
      // Once its replay is known to be whole it is started with a manifest that lets its users in.
      ...cluster && (reality.isApplied || cluster.state.isReplayed) && reality.isPasswordSame ? [] : ['claim' as const],
      ...cluster?.state.isConfigured || reality.isStarted ? [] : ['start' as const],
      ...cluster?.state.isConfigured ? [] : ['configure' as const],
      ...isSameSet(cluster?.state.extensions ?? [], spec.extensions) ? [] : ['extensions' as const],
      'login',
      ...spec.hibernated ? ['stop' as const] : [],
    ]
  }
  const { state } = cluster
  if (spec.hibernated)
    return reality.isHibernated && state.spec?.hibernated ? [] : ['stop']
  const steps: Step[] = []
  if (state.spec?.hibernated)
    steps.push('start')
  else if (state.manifest !== reality.manifest || !reality.isApplied)
    steps.push(kindOfChange(spec, cluster, reality, catalogue))
  if (!reality.isPasswordSame)
    steps.push('credentials')
  if (!isSameSet(state.extensions, spec.extensions))
    steps.push('extensions')
  if (steps.length > 0 || !reality.isLoginProven || state.generation !== spec.generation)
    steps.push('login')
  return steps
}

/** The strongest word for what changes in the manifest: one apply makes all of it. */
function kindOfChange(spec: DatabaseSpec, { state }: ClusterView, reality: Reality, catalogue: Catalogue): Step {
  const before = state.spec
  if (!before)
    return 'apply'
  if (reasonsToRestart(spec, reality, catalogue).length > 0)
    return 'restart'
  if (before.instances !== spec.instances)
    return 'scale'
  if (changedSettings(spec, { state }).length > 0 || before.allowedCidrs.join() !== spec.allowedCidrs.join() || before.durability !== spec.durability)
    return 'reload'
  return before.storageGib === spec.storageGib ? 'apply' : 'resize'
}

/** Why servers restart on the way to the spec, in sentences for people. */
export function reasonsToRestart(spec: DatabaseSpec, { beginsToArchive, cluster, isProbedOtherwise }: Reality, catalogue: Catalogue): string[] {
  const state = cluster?.state
  const before = state?.spec
  if (!before)
    return []
  const postmaster = new Set(catalogue.settings.filter(setting => setting.context === 'postmaster').map(setting => setting.name))
  return [
    ...changedSettings(spec, { state }).filter(name => postmaster.has(name)).map(name => `A change of ${name} needs a restart of the server.`),
    ...before.memoryMib !== spec.memoryMib || before.cpu !== spec.cpu ? ['Another size needs new pods.'] : [],
    ...state.restartToken === spec.restartToken ? [] : ['A restart was asked for.'],
    ...beginsToArchive ? ['Its WAL is archived from now on, by a program that runs beside each server.'] : [],
    ...isProbedOtherwise ? ['Whether its servers are alive is looked at otherwise from now on, which needs new pods.'] : [],
  ]
}

/** Names of settings whose value differs, those that come or go included. */
function changedSettings(spec: DatabaseSpec, { state }: Pick<ClusterView, 'state'>): string[] {
  const before: Settings = state.spec ? { ...defaultSettings(state.spec), ...state.spec.parameters } : {}
  const after: Settings = { ...defaultSettings(spec), ...spec.parameters }
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(name => before[name] !== after[name]).sort()
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every(item => b.includes(item))
}
