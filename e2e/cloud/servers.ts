import { api } from '../../testbed/cloud/api.ts'

/** Name → id of the project's servers. */
export async function serverIds(): Promise<Readonly<Record<string, string>>> {
  const { servers } = await api<{ servers: { id: string, name: string }[] }>('demo', 'GET', 'compute', '/servers')
  return Object.fromEntries(servers.map(({ id, name }) => [name, id]))
}

/** As pressing the button. */
export async function reset(name: string): Promise<void> {
  await api('demo', 'POST', 'compute', `/servers/${(await serverIds())[name]}/action`, { reboot: { type: 'HARD' } })
}
