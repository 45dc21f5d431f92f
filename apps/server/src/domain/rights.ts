import type { Access } from './access.ts'
import type { Actor, Change, Remember } from './change.ts'
import type { Domain } from './domain.ts'
import { tellAccess } from '../store/stream.ts'
import { change } from './change.ts'

/** A change that can also take rights away or give them. */
export interface RightsChange extends Change {
  /** Every process asks the store again about these people, projects, sessions and keys. */
  readonly forget: (...ids: string[]) => void
}

/**
 * Like `change`, for what decides who may do what: other processes hear of it by a notification of the same
 * transaction, and this one acts on it before the answer goes out.
 */
export async function changeRights<T>(domain: Domain, access: Pick<Access, 'principals'>, project: { id: string, name: string }, actor: Actor, work: (change: RightsChange) => Promise<T>, remember?: Remember<T>): Promise<T> {
  const ids = new Set<string>()
  const result = await change(domain, project, actor, async (inner) => {
    const value = await work({
      ...inner,
      forget: (...more) => more.forEach(id => ids.add(id)),
    })
    await tellAccess(inner.tx, [...ids])
    return value
  }, remember)
  for (const id of ids) access.principals.forget(id)
  return result
}
