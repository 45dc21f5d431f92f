import type { StoredStep } from '../store/schema.ts'

/**
 * The list of steps after an engine said which one has finished or runs. Steps before it are done, whatever was heard
 * of them; a step that the plan did not foresee is put in where it came.
 */
export function advance(steps: readonly StoredStep[], name: string, state: 'running' | 'done', now: Date): StoredStep[] {
  const at = now.toISOString()
  const known = steps.some(step => step.name === name)
  const list: StoredStep[] = known
    ? [...steps]
    : [...steps.filter(step => step.phase === 'done' || step.phase === 'running'), { name, phase: 'pending', startedAt: null, finishedAt: null }, ...steps.filter(step => step.phase === 'pending')]
  const index = list.findIndex(step => step.name === name)
  return list.map((step, position) => {
    if (position < index && step.phase !== 'done')
      return { ...step, phase: 'done', startedAt: step.startedAt ?? at, finishedAt: at }
    if (position === index)
      return { ...step, phase: state, startedAt: step.startedAt ?? at, finishedAt: state === 'done' ? at : null }
    return step
  })
}
