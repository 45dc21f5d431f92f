import type { DatabaseSpec, Engine, Progress } from '@howdah/engine'

/** What a control plane is about when it is killed: to bring a database to its spec, unless it is told something else. */
export interface Work {
  readonly spec: DatabaseSpec
  readonly destroy?: boolean
  /** Id of a switchover. */
  readonly switchover?: string
  /** Id of the backup that is taken. */
  readonly backup?: string
}

/** What the process is sent that is to be killed. */
export interface ChildOrder {
  readonly settings: Readonly<Record<string, unknown>>
  readonly work: Work
}

export async function stepOf(engine: Engine, { backup, destroy, spec, switchover }: Work): Promise<Progress> {
  if (destroy)
    return await engine.destroy(spec)
  if (switchover !== undefined)
    return await engine.switchOver(spec, { id: switchover })
  return backup === undefined ? await engine.ensure(revived(spec)) : await engine.takeBackup(spec, backup)
}

/** A message between processes has no dates. */
function revived(spec: DatabaseSpec): DatabaseSpec {
  const { from } = spec
  return from?.target.kind === 'time' ? { ...spec, from: { ...from, target: { ...from.target, at: new Date(from.target.at) } } } : spec
}
