import type { DatabaseSpec } from '@howdah/engine'
import type { Catalogue, Settings } from '@howdah/postgres'
import type { Applied } from './state.ts'

/** Bounded moves towards a spec, in the order in which they are made. */
export type Step = 'claim' | 'start' | 'configure' | 'gateway' | 'replicas' | 'durability' | 'credentials' | 'reload' | 'restart' | 'extensions' | 'login' | 'stop'

/** What is there, as far as the difference depends on it. */
export interface Reality {
  readonly isClaimed: boolean
  readonly applied: Applied | undefined
  readonly isRunning: boolean
  /** False when the owner's password is not the one that was applied. */
  readonly isPasswordSame: boolean
  readonly isLoginProven: boolean
  readonly instances: number
  /** Several instances are there or were once, so the server does not listen at the address itself. */
  readonly isBehindGateway: boolean
  readonly durability: DatabaseSpec['durability']
  /** Settings that the spec asks for; undefined before there is a place for them. */
  readonly settings: Settings | undefined
}

/** The steps that lead from what is there to the spec. Empty: nothing to do. */
export function stepsTo(spec: DatabaseSpec, reality: Reality, catalogue: Catalogue): Step[] {
  const { applied } = reality
  if (!applied) {
    return [
      ...reality.isClaimed
        ? []
        : ['claim' as const],
      ...reality.isRunning
        ? []
        : ['start' as const],
      'configure',
      ...spec.instances > 1 ? ['gateway' as const, 'replicas' as const] : [],
      ...spec.durability === 'sync' ? ['durability' as const] : [],
      ...spec.extensions.length > 0
        ? ['extensions' as const]
        : [],
      'login',
      ...spec.hibernated
        ? ['stop' as const]
        : [],
    ]
  }
  if (spec.hibernated) {
    return reality.isRunning || !applied.hibernated
      ? ['stop']
      : []
  }
  const steps: Step[] = []
  const changed = changedSettings(applied, reality.settings ?? applied.settings)
  if (!reality.isRunning)
    steps.push('start')
  else if (applied.restartToken !== spec.restartToken || needRestart(changed, catalogue).length > 0)
    steps.push('restart')
  else if (changed.length > 0 || applied.spec.allowedCidrs.join() !== spec.allowedCidrs.join())
    steps.push('reload')
  if (spec.instances > 1 && !reality.isBehindGateway)
    steps.push('gateway')
  const changesDurability = reality.durability !== spec.durability
  // Whoever no commit waits for may go.
  if (changesDurability && spec.durability === 'async')
    steps.push('durability')
  if (reality.instances !== spec.instances)
    steps.push('replicas')
  if (changesDurability && spec.durability === 'sync')
    steps.push('durability')
  if (!reality.isPasswordSame)
    steps.push('credentials')
  if (!isSameSet(applied.extensions, spec.extensions))
    steps.push('extensions')
  if (steps.length > 0 || !reality.isLoginProven || applied.generation !== spec.generation)
    steps.push('login')
  return steps
}

/** Names of settings whose value differs, those that come or go included. */
export function changedSettings(applied: Applied, wanted: Settings): string[] {
  const names = new Set([
    ...Object.keys(applied.settings),
    ...Object.keys(wanted),
  ])
  return [...names].filter(name => applied.settings[name] !== wanted[name]).sort()
}

export function needRestart(names: readonly string[], catalogue: Catalogue): string[] {
  const postmaster = new Set(catalogue.settings.filter(setting => setting.context === 'postmaster').map(setting => setting.name))
  return names.filter(name => postmaster.has(name))
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every(item => b.includes(item))
}
