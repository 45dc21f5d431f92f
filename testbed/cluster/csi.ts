import type { ProgramName } from './build/programs.ts'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '@howdah/testkit/until'
import { exists } from '../../tools/exists.ts'
import { csiClasses, csiDriver, snapshotApi, snapshotDefinitions } from './addons/csi.ts'
import { programPath } from './build/programs.ts'
import { writeKubeconfig } from './certificates.ts'
import { folders } from './folders.ts'
import { apply, kubectl } from './kubectl.ts'
import { boot, pidOf, startDaemon, varFolder } from './machine.ts'

/** What stands in for storage of a network: a machine of its own, with the folder that all nodes see. */
const storage = 'storage'

const controllerSocket = join(folders.state, 'csi.sock')

/** In a node; the kubelet watches the folder of the second. */
const nodeSocket = `/var/lib/kubelet/plugins/${csiDriver}/csi.sock`
const registrationSocket = `/var/lib/kubelet/plugins_registry/${csiDriver}-reg.sock`

/** A snapshot is a copy of every file, so it takes longer than the controllers wait otherwise. */
const longestCopy = '10m'

/** Have the API server know snapshots. */
export async function applySnapshotApi(): Promise<void> {
  await apply(await snapshotApi())
  await kubectl('wait', '--for=condition=Established', ...snapshotDefinitions, '--timeout=60s')
}

/** Start the driver's controller and what calls it for the API's objects, unless they are up. */
export async function startStorage(): Promise<void> {
  await apply(csiClasses)
  if (await pidOf(storage))
    return
  await boot(storage, { isNode: false })
  // One that was ended leaves it.
  await rm(controllerSocket, { force: true })
  await startDaemon(storage, 'csi-driver', [await programPath('csi-driver'), ...await driverArguments(controllerSocket)])
  await until(async () => await exists(controllerSocket), { deadlineMs: 30_000, everyMs: 50, what: 'the CSI driver listens' })
  const access = await writeKubeconfig(join(folders.certificates, 'csi.conf'), 'csi', '/O=system:masters/CN=csi')
  // The provisioner prefers what the environment says.
  const environment = { KUBECONFIG: access }
  const start = async (name: ProgramName, ...args: string[]): Promise<void> =>
    await startDaemon(storage, name, [await programPath(name), `--kubeconfig=${access}`, ...args], environment)
  const toDriver = `--csi-address=${controllerSocket}`
  await start('csi-provisioner', toDriver, `--timeout=${longestCopy}`)
  await start('csi-snapshotter', toDriver, `--timeout=${longestCopy}`)
  await start('csi-resizer', toDriver)
  await start('snapshot-controller')
}

/** Start the driver in a node that has just been switched on, for its kubelet. */
export async function startNodeDriver(node: string): Promise<void> {
  await startDaemon(node, 'csi-driver', [
    await programPath('csi-driver'),
    ...await driverArguments(nodeSocket),
    `--node=${node}`,
    `--registration=${registrationSocket}`,
  ])
}

/** The same for one that is on; it does nothing where the driver is. */
export async function ensureNodeDriver(node: string): Promise<void> {
  if (!await exists(join(varFolder(node), registrationSocket.slice('/var/'.length))))
    await startNodeDriver(node)
}

/** Wait until volumes can be mounted on a node. */
export async function nodeDriverReady(node: string): Promise<void> {
  await kubectl('wait', `--for=jsonpath={.spec.drivers[0].name}=${csiDriver}`, `csinode/${node}`, '--timeout=60s')
}

async function driverArguments(socket: string): Promise<string[]> {
  await mkdir(folders.volumes, { recursive: true })
  return [`--driver=${csiDriver}`, `--folder=${folders.volumes}`, `--socket=${socket}`]
}
