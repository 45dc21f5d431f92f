import type { Engine } from '@howdah/engine'
import type { KubeObject } from '../kubernetes/objects.ts'
import { randomBytes } from 'node:crypto'
import { openBucket } from '@howdah/engine-local'
import { until } from '@howdah/testkit'
import { inject } from 'vitest'
import { createCnpgEngine } from '../engine.ts'
import { KubeApi } from '../kubernetes/api.ts'
import { kubeconfigAccess } from '../kubernetes/kubeconfig.ts'
import { resources } from '../kubernetes/objects.ts'
import { installationId } from './installation-id.ts'
import { silentLog } from './silent-log.ts'

/** A place of its own in the test cluster, for one file of tests. */
export interface TestPlace {
  /** As the administrator. */
  readonly api: KubeApi
  readonly namespacePrefix: string
  /** Those of its engines, with what is changed in them. */
  readonly settings: (change?: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>
  /** With the rights that the chart gives, and no others. */
  readonly createEngine: (settings?: Readonly<Record<string, unknown>>, installation?: string) => Engine
  /** Leave nothing behind. */
  readonly cleanup: () => Promise<void>
}

export async function testPlace(): Promise<TestPlace> {
  const { accountKubeconfig, kubeconfig, postgresqlImages, s3 } = inject('cluster')
  const api = new KubeApi(await kubeconfigAccess(kubeconfig))
  const namespacePrefix = `t-${randomBytes(4).toString('hex')}-`
  const ours = async (resource: typeof resources.cluster | typeof resources.namespace): Promise<readonly KubeObject[]> =>
    (await api.list(resource, {})).filter(({ metadata }) => (metadata.namespace ?? metadata.name).startsWith(namespacePrefix))
  const settings: TestPlace['settings'] = change => ({
    kubeconfig: accountKubeconfig,
    namespacePrefix,
    images: postgresqlImages
      ? Object.fromEntries(Object.entries(postgresqlImages).map(([major, image]) => [major, { image, version: versionOf(major, image) }]))
      : { 18: { image: 'ghcr.io/cloudnative-pg/postgresql:18.4', version: '18.4' } },
    // The machine that tests has no part in the cluster's DNS, and nodes that are far smaller than they say.
    reach: 'cluster-ip',
    cpuReserved: 0.05,
    storageGrows: false,
    ...s3 ? { backups: { url: `s3://backups/${namespacePrefix}?endpoint=${s3.endpoint}`, accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey } } : {},
    ...change,
  })
  return {
    api,
    namespacePrefix,
    settings,
    createEngine: (change, installation) => createCnpgEngine({ location: 'test', installation: installationId(installation), log: silentLog, openBucket, settings: settings(change) }),
    cleanup: async () => {
      // Databases first: Kubernetes would look at a namespace with one in it again after a quarter of an hour.
      for (const { metadata } of await ours(resources.cluster))
        await api.delete(resources.cluster, { namespace: metadata.namespace ?? '', name: metadata.name }, { propagation: 'Foreground' })
      await until(async () => (await ours(resources.cluster)).length === 0, { deadlineMs: 300_000, everyMs: 500, what: 'the databases are gone' })
      for (const { metadata } of await ours(resources.namespace))
        await api.delete(resources.namespace, { name: metadata.name })
      await until(async () => (await ours(resources.namespace)).length === 0, { deadlineMs: 300_000, everyMs: 500, what: 'the namespaces are gone' })
      api.close()
    },
  }
}

/** The server says its own once it runs; until then the tag has to do. */
function versionOf(major: string, image: string): string {
  return /:(\d+\.\d+)/.exec(image)?.[1] ?? `${major}.0`
}
