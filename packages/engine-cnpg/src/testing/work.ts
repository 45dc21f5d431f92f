import type { DatabaseSpec, Engine, Progress, RestoreOrder, UpgradeOrder } from '@howdah/engine'

/** What a control plane is about when it is killed: to bring a database to its spec, unless it is told something else. */
export interface Work {
  readonly spec: DatabaseSpec
  readonly destroy?: boolean
  /** Id of a switchover. */
  readonly switchover?: string
  /** Id of the backup that is taken. */
  readonly backup?: string
  /** What it becomes before it is brought to its spec. */
  readonly becomes?: { readonly restore: RestoreOrder } | { readonly upgrade: UpgradeOrder } | { readonly undo: string }
}

/** What the process is sent that is to be killed. */
export interface ChildOrder {
  readonly settings: Readonly<Record<string, unknown>>
  readonly work: Work
}

export async function stepOf(engine: Engine, { backup, becomes, destroy, spec, switchover }: Work): Promise<Progress> {
  if (destroy)
    return await engine.destroy(spec)
  if (switchover !== undefined)
    return await engine.switchOver(spec, { id: switchover })
  if (backup !== undefined)
    return await engine.takeBackup(spec, backup)
  const become = becomes && await becomeOther(engine, spec, becomes)
  return become && become.outcome !== 'done' ? become : await engine.ensure(spec)
}

async function becomeOther(engine: Engine, spec: DatabaseSpec, becomes: NonNullable<Work['becomes']>): Promise<Progress> {
  if ('upgrade' in becomes)
    return await engine.upgrade(spec, becomes.upgrade)
  return 'undo' in becomes ? await engine.undoRestore(spec, becomes.undo) : await engine.restore(spec, becomes.restore)
}
