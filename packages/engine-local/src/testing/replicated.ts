import type { Notification, Observed } from '@howdah/engine'
import type { TestEngine } from './local-engine.ts'
import { readdir, readFile } from 'node:fs/promises'
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

/** A child of a server by its title. */
export async function childOf(server: number, title: string): Promise<number> {
  for (const pid of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    const [command, stat] = await Promise.all([readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''), readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')])
    if (command.includes(title) && Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === server)
      return Number(pid)
  }
  throw new Error(`there is no ${title}`)
}
