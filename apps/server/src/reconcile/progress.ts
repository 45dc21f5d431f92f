import type { StoredStep } from '../store/schema.ts'

/**
 * The list of steps after an engine said which one has finished or runs. Steps before it are done, whatever was heard
 * of them; a step that the plan did not foresee is put in where it came. Where one ends the next begins, and the
 * first began with the operation (`begunAt`): an engine says only when it has finished one.
 */
export function advance(steps: readonly StoredStep[], name: string, state: 'running' | 'done', now: Date, begunAt: Date = now): StoredStep[] {
  const at = now.toISOString()
  const known = steps.some(step => step.name === name)
  const list: StoredStep[] = known
    ? [...steps]
    : [
        ...steps.filter(step => step.phase === 'done'),
        { name, phase: 'pending', startedAt: null, finishedAt: null },
        // That the next one runs was a guess.
        ...steps.filter(step => step.phase !== 'done').map((step): StoredStep => ({ ...step, phase: 'pending', startedAt: null })),
      ]
  const index = list.findIndex(step => step.name === name)
  const before = list.slice(0, index).findLast(step => step.finishedAt)?.finishedAt ?? begunAt.toISOString()
  return list.map((step, position) => {
    if (position < index && step.phase !== 'done') {
      return {
        ...step,
        phase: 'done',
        startedAt: step.startedAt ?? before,
        finishedAt: at,
      }
    }
    if (position === index) {
      return {
        ...step,
        phase: state,
        startedAt: step.startedAt ?? before,
        finishedAt: state === 'done'
          ? at
          : null,
      }
    }
    if (position === index + 1 && state === 'done' && step.phase === 'pending')
      return { ...step, phase: 'running', startedAt: at }
    return step
  })
}
