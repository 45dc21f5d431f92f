import type { Account } from './layout.ts'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { commandOnNetwork } from './machine.ts'

const script = fileURLToPath(new URL('openstack/call.ts', import.meta.url))

/** Ask one of the cloud's APIs from outside of its network. `{project}` in the path is the account's own. */
export async function api<T>(account: Account, method: string, service: string, path: string, body?: object): Promise<T> {
  return JSON.parse(await commandOnNetwork([process.execPath, script, account, method, service, path], { input: body ? JSON.stringify(body) : '' })) as T // as the API documents it
}

/** What a project owns, one line each: nothing, when it is as empty as at its beginning. */
export async function possessions(account: Account): Promise<string[]> {
  const lines: string[] = []
  for (const kind of ['networks', 'subnets', 'routers', 'ports', 'floatingips', 'security-groups']) {
    const answer = await api<Record<string, { id: string, name?: string }[]>>(account, 'GET', 'network', `/${kind}?project_id={project}`)
    for (const { id, name = '' } of answer[kind.replace('-', '_')]!) {
      // Neutron gives every project one of that name, and makes it again.
      if (kind !== 'security-groups' || name !== 'default')
        lines.push(`${kind} ${id} ${name}`)
    }
  }
  for (const [path, key] of [['servers', 'servers'], ['os-keypairs', 'keypairs'], ['os-server-groups', 'server_groups']] as const) {
    const answer = await api<Record<string, object[]>>(account, 'GET', 'compute', `/${path}`)
    lines.push(...answer[key]!.map(each => `${path} ${JSON.stringify(each)}`))
  }
  return lines
}
