import { randomBytes } from 'node:crypto'
import { glob, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { programPath } from '../../testbed/cluster/build/programs.ts'
import { command } from '../../tools/command.ts'
import { root } from '../../tools/root.ts'

/** As much of a kubeconfig as is read and written here. */
interface Kubeconfig {
  readonly clusters: readonly [{ readonly name: string, readonly cluster: object }]
}

/**
 * A service account with exactly the rules that the chart gives Howdah when everything is on. The engine's tests work with it, and so show that these rules
 * suffice. Answers the path of its kubeconfig.
 */
export async function createAccount(admin: string): Promise<{ kubeconfig: string, remove: () => Promise<void> }> {
  const name = `howdah-tests-${randomBytes(4).toString('hex')}`
  const kubectl = async (args: readonly string[], input = ''): Promise<string> => await command(await programPath('kubectl'), ['--kubeconfig', admin, ...args], { input })
  const objects = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'default' } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name },
      rules: await chartRules(),
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: 'default' }],
    },
  ]
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
  await kubectl(['apply', '--server-side', '--filename', '-'], list)
  const token = await kubectl(['--namespace', 'default', 'create', 'token', name, '--duration=6h'])
  const { clusters: [{ cluster }] } = JSON.parse(await kubectl(['config', 'view', '--raw', '--minify', '--flatten', '--output', 'json'])) as Kubeconfig // kubectl's own
  const kubeconfig = join(tmpdir(), `${name}.json`)
  await writeFile(kubeconfig, JSON.stringify({
    'apiVersion': 'v1',
    'kind': 'Config',
    'clusters': [{ name, cluster }],
    'users': [{ name, user: { token: token.trim() } }],
    'contexts': [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  }), { mode: 0o600 })
  return {
    kubeconfig,
    async remove() {
      await rm(kubeconfig)
      await kubectl(['delete', '--filename', '-'], list)
    },
  }
}

async function chartRules(): Promise<unknown[]> {
  const files = await Array.fromAsync(glob(join(root, 'deploy/helm/howdah/files/rules*.yaml')))
  const rules = await Promise.all(files.map(async file => parse(await readFile(file, 'utf8')) as unknown[])) // lists, as Helm puts them together
  return rules.flat()
}
