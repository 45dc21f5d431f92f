import type { FakeDatabase } from './fake-world.ts'
import type { DatabaseSpec } from './spec.ts'
import { fakeParameters } from './fake-catalogue.ts'

/** The steps from where a fake database is to its spec; names as the drivers have them. */
export function fakeStepsTo(spec: DatabaseSpec, db: FakeDatabase | undefined): string[] {
  if (!db) {
    return [
      ...spec.from ? ['secure', 'fetch', 'replay', 'own'] : ['claim'],
      'start',
      'configure',
      ...spec.extensions.length > 0
        ? ['extensions']
        : [],
      'login',
      ...spec.hibernated
        ? ['stop']
        : [],
    ]
  }
  if (!db.spec)
    return [...db.restarts === 0 ? ['start'] : [], 'configure', 'login', ...spec.hibernated ? ['stop'] : []]
  const before = db.spec
  if (spec.hibernated) {
    return db.phase === 'hibernated'
      ? (db.generation === spec.generation
          ? []
          : ['stop'])
      : ['stop']
  }
  const changed = names(before.parameters, spec.parameters).filter(name => before.parameters[name] !== spec.parameters[name])
  const needsRestart = before.memoryMib !== spec.memoryMib || before.restartToken !== spec.restartToken
    || changed.some(name => fakeParameters.find(parameter => parameter.name === name)?.needsRestart)
  const steps: string[] = []
  if (db.phase === 'hibernated')
    steps.push('start')
  else if (needsRestart)
    steps.push('restart')
  else if (changed.length > 0 || before.allowedCidrs.join() !== spec.allowedCidrs.join())
    steps.push('reload')
  if (before.instances === 1 && spec.instances > 1)
    steps.push('gateway')
  if (before.instances !== spec.instances)
    steps.push('replicas')
  if (before.durability !== spec.durability)
    steps.push('durability')
  if (before.owner.password !== spec.owner.password)
    steps.push('credentials')
  if ([...before.extensions].sort().join() !== [...spec.extensions].sort().join())
    steps.push('extensions')
  if (steps.length > 0 || !db.isLoginProven || db.generation !== spec.generation)
    steps.push('login')
  return steps
}

function names(...objects: readonly object[]): string[] {
  return [
    ...new Set(objects.flatMap(Object.keys)),
  ]
}
