import type { Engine } from '@howdah/engine'

/** The calls of an engine that bring something about: one step of an operation each. */
export const stepCalls = ['ensure', 'switchOver', 'restart', 'destroy', 'ensureRole', 'dropRole', 'ensureLogicalDatabase', 'dropLogicalDatabase', 'takeBackup', 'drillBackup', 'deleteBackup', 'restore', 'undoRestore', 'rehearseUpgrade', 'upgrade'] as const

/** The same engine, with something around each step. `run` makes the step. */
export function aroundSteps(engine: Engine, around: <T>(databaseId: string, run: () => Promise<T>) => Promise<T>): Engine {
  return new Proxy(engine, {
    get(target, property) {
      const member = Reflect.get(target, property, target) as unknown
      if (typeof member !== 'function')
        return member
      const call = member.bind(target) as (...args: readonly { id: string }[]) => Promise<unknown>
      return (stepCalls as readonly PropertyKey[]).includes(property)
        ? async (...args: readonly { id: string }[]) => await around(args[0]!.id, async () => await call(...args))
        : call
    },
  })
}
