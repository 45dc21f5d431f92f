import type { Context } from './bench.ts'
import type { BenchServer } from './server.ts'
import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { until } from '@howdah/testkit'
import { KubeApi } from '../../packages/engine-cnpg/src/kubernetes/api.ts'
import { kubeconfigAccess } from '../../packages/engine-cnpg/src/kubernetes/kubeconfig.ts'
import { resources } from '../../packages/engine-cnpg/src/kubernetes/objects.ts'
import { postgresqlImage } from '../../testbed/cluster/build/images.ts'
import { controlPlane } from '../../testbed/cluster/control-plane.ts'
import { down } from '../../testbed/cluster/down.ts'
import { pidOf } from '../../testbed/cluster/machine.ts'
import { up } from '../../testbed/cluster/up.ts'
import { dataFolder, startServer } from './server.ts'

/** The test cluster, and a server whose only location it is. */
export interface BenchCluster {
  /** As the administrator. */
  readonly api: KubeApi
  /** Of the databases of the project `default`. */
  readonly namespace: string
  /** Start the server; what it observes may be there already. `dataDir`: of one that has ended. `settings`: more of the location. */
  readonly start: (options?: { readonly dataDir?: string, readonly settings?: Readonly<Record<string, unknown>> }) => Promise<BenchServer>
}

/** Bring the cluster up, unless it is. */
export async function startCluster(context: Context): Promise<BenchCluster> {
  context.say('bringing the test cluster up')
  const isMine = !await pidOf(controlPlane)
  const kubeconfig = await up()
  if (isMine)
    context.afterwards(down)
  const api = new KubeApi(await kubeconfigAccess(kubeconfig))
  const prefix = `bench-${randomBytes(3).toString('hex')}-`
  const namespace = `${prefix}default`
  context.afterwards(async () => {
    await removeAll(api, namespace)
    api.close()
  })
  return {
    api,
    namespace,
    async start({ dataDir: known, settings: more } = {}) {
      const dataDir = known ?? await dataFolder(context)
      const locations = `${dataDir}.locations.json`
      context.afterwards(async () => await rm(locations, { force: true }))
      const settings = {
        kubeconfig,
        namespacePrefix: prefix,
        images: { 18: { image: postgresqlImage(18), version: '18.0' } },
        reach: 'cluster-ip',
        cpuReserved: 0.05,
        ...more,
      }
      await writeFile(locations, JSON.stringify([{ name: 'bench', engine: 'cnpg', settings }]), { mode: 0o600 })
      return await startServer(context, { dataDir, settings: { HOWDAH_LOCATIONS: locations } })
    },
  }
}

/** Databases first: Kubernetes would look at a namespace with one in it again after a quarter of an hour. */
async function removeAll(api: KubeApi, namespace: string): Promise<void> {
  if (!await api.get(resources.namespace, { name: namespace }))
    return
  for (const { metadata } of await api.list(resources.cluster, { namespace }))
    await api.delete(resources.cluster, { namespace, name: metadata.name })
  await until(async () => (await api.list(resources.cluster, { namespace })).length === 0, { deadlineMs: 300_000, everyMs: 500, what: 'the databases are gone' })
  await api.delete(resources.namespace, { name: namespace })
}
