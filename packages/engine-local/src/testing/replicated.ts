import type { Notification, Observed } from '@howdah/engine'
import type { TestEngine } from './local-engine.ts'
import { dataOf, placeOf, until } from '@howdah/testkit'
import { findPostmaster } from '../process.ts'

/** The folder of a database. */
export async function rootOf(test: TestEngine, { id }: { readonly id: string }): Promise<string> {
  return await placeOf(test.dataDir, id)
}

/** Process of the server of an instance. */
export async function serverOf(test: TestEngine, spec: { readonly id: string }, ordinal: number): Promise<number> {
  return await until(async () => (await findPostmaster(await dataOf(test.dataDir, spec.id, ordinal)))?.pid, { deadlineMs: 20_000, what: `instance ${ordinal} runs` })
}

/** Every member is there and follows. */
export async function whole({ engine }: Pick<TestEngine, 'engine'>, spec: { readonly id: string, readonly name: string, readonly project: string, readonly instances: number }): Promise<Observed> {
  return await until(async () => {
    const observed = await engine.observe(spec)
    return observed?.phase === 'ready' && observed.members.length === spec.instances && observed.members.every(({ phase }) => phase === 'ready') ? observed : undefined
  }, { deadlineMs: 60_000, what: `${spec.name} is whole` })
}

export function primaryOf({ members }: Observed): number {
  return Number(members.find(({ role }) => role === 'primary')?.name.split('-').at(-1))
}

export function replicasOf({ members }: Observed): number[] {
  return members.filter(({ role }) => role === 'replica').map(({ name }) => Number(name.split('-').at(-1)))
}

export function eventsOf(heard: readonly Notification[], spec: { readonly id: string }, type: string) {
  return heard.flatMap(notification => notification.kind === 'event' && notification.event.ref.id === spec.id && notification.event.type === type ? [notification.event] : [])
}
