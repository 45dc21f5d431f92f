import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exists } from '../../tools/exists.ts'
import { backups } from './addons/backups.ts'
import { definitions } from './addons/definitions.ts'
import { dns } from './addons/dns.ts'
import { operator, operatorNamespace } from './addons/operator.ts'
import { storage } from './addons/storage.ts'
import { build } from './build/build.ts'
import { prepareAuthority } from './certificates.ts'
import { controlPlane, startControlPlane } from './control-plane.ts'
import { applySnapshotApi, ensureNodeDriver, nodeDriverReady, startStorage } from './csi.ts'
import { folders, kubeconfig } from './folders.ts'
import { apply, kubectl } from './kubectl.ts'
import { nodes } from './layout.ts'
import { boot, pidOf } from './machine.ts'
import { layBridge } from './network.ts'
import { prepareNode, startHostProxy, startNode } from './node.ts'
import { refuseWhereImpossible } from './possible.ts'
import { prepareSysctls } from './sysctls.ts'
import { versions } from './versions.ts'

const madeOf = join(folders.state, 'versions.json')

/** Bring up what is not up. Answers the path of the administrator's kubeconfig. */
export async function up(): Promise<string> {
  await refuseWhereImpossible()
  await refuseOtherVersions()
  const store = await build()
  await mkdir(folders.state, { recursive: true })
  await writeFile(madeOf, JSON.stringify(versions))
  await prepareSysctls()
  await layBridge()
  await prepareAuthority()
  const isFresh = !await pidOf(controlPlane)
  if (isFresh) {
    await boot(controlPlane, { isNode: false })
    await startControlPlane()
  }
  // The nodes start while the objects are applied.
  await Promise.all([
    ...nodes.map(async (node) => {
      if (await pidOf(node.name))
        return await ensureNodeDriver(node.name)
      await prepareNode(node, store)
      await startNode(node)
    }),
    isFresh && startHostProxy(),
    applyAddons(),
  ])
  await ready()
  return kubeconfig
}

async function applyAddons(): Promise<void> {
  await apply(dns)
  await apply(storage)
  await apply(await definitions())
  // CloudNativePG looks for the API of snapshots when it starts, and never again.
  await applySnapshotApi()
  await Promise.all([startStorage(), applyOperator()])
}

async function applyOperator(): Promise<void> {
  await apply(await operator())
  await apply(await backups())
}

async function ready(): Promise<void> {
  for (const node of nodes)
    await kubectl('wait', '--for=create', `node/${node.name}`, '--timeout=60s')
  await kubectl('wait', '--for=condition=Ready', 'node', '--all', '--timeout=120s')
  for (const node of nodes)
    await nodeDriverReady(node.name)
  for (const [namespace, deployment] of [
    ['kube-system', 'coredns'],
    ['local-path-storage', 'local-path-provisioner'],
    [operatorNamespace, 'cnpg-controller-manager'],
    [operatorNamespace, 'barman-cloud'],
  ] as const) {
    await kubectl('--namespace', namespace, 'rollout', 'status', `deployment/${deployment}`, '--timeout=180s')
  }
}

async function refuseOtherVersions(): Promise<void> {
  if (await pidOf(controlPlane) && await exists(madeOf) && await readFile(madeOf, 'utf8') !== JSON.stringify(versions))
    throw new Error('A bed of other versions is up. Take it down first: npm run cluster -- down')
}
