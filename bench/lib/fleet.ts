import type { KubeApi } from '../../packages/engine-cnpg/src/kubernetes/api.ts'
import type { KubeObject, Manifest, Resource } from '../../packages/engine-cnpg/src/kubernetes/objects.ts'
import type { Context } from './bench.ts'
import { Buffer } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { resources } from '../../packages/engine-cnpg/src/kubernetes/objects.ts'
import { postgresqlImage } from '../../testbed/cluster/build/images.ts'
import { hostAddress } from '../../testbed/cluster/layout.ts'
import { inParallel } from './parallel.ts'
import { serveAll } from './serve-all.ts'

const endpointSlice: Resource = { apiVersion: 'discovery.k8s.io/v1', plural: 'endpointslices', isNamespaced: true }

/** A condition of a Cluster, as the operator writes it. */
export function archivingCondition(isArchiving: boolean): object {
  return { type: 'ContinuousArchiving', status: isArchiving ? 'True' : 'False', reason: isArchiving ? 'ContinuousArchivingSuccess' : 'ContinuousArchivingFailing', message: isArchiving ? 'Continuous archiving is working' : 'exit status 1', lastTransitionTime: new Date().toISOString() }
}

/**
 * Clusters that Git would have delivered, as objects that the operator leaves alone, in a state as if it had made them, with a pod, a Service, Secrets,
 * a volume claim and a Backup each. All Services lead to one real PostgreSQL, so each of them is logged in to and looked at as a database is.
 */
export async function makeFleet(context: Context, api: KubeApi, namespace: string, count: number): Promise<readonly string[]> {
  const { authority, port } = await serveAll(context, hostAddress, `*.${namespace}.svc`, count + 50)
  const ca = await readFile(authority, 'utf8')
  await api.create(resources.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { 'app.kubernetes.io/managed-by': 'howdah' } } })
  const names = Array.from({ length: count }, (_, index) => `fleet-${String(index).padStart(4, '0')}`)
  let made = 0
  await inParallel(count, 8, async (index) => {
    await makeOne(api, namespace, names[index]!, { ca, port })
    if (++made % 250 === 0)
      context.say(`${made} of ${count} are there`)
  })
  return names
}

async function makeOne(api: KubeApi, namespace: string, name: string, { ca, port }: { readonly ca: string, readonly port: number }): Promise<void> {
  const pod = `${name}-1`
  const labels = { 'cnpg.io/cluster': name, 'cnpg.io/podRole': 'instance', 'cnpg.io/instanceName': pod, 'cnpg.io/instanceRole': 'primary', 'role': 'primary' }
  const make = async (resource: Resource, manifest: Manifest & Record<string, unknown>): Promise<KubeObject> => await api.create(resource, manifest)
  const secret = async (suffix: string, data: Readonly<Record<string, string>>): Promise<KubeObject> => await make(resources.secret, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name: `${name}-${suffix}` },
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  })
  await secret('ca', { 'ca.crt': ca })
  await secret('app', { username: 'app', password: 'app', dbname: 'app' })
  await make(resources.service, { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name: `${name}-rw` }, spec: { ports: [{ name: 'postgres', port: 5432 }] } })
  await make(endpointSlice, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace, name: `${name}-rw`, labels: { 'kubernetes.io/service-name': `${name}-rw` } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [hostAddress], conditions: { ready: true } }],
    ports: [{ name: 'postgres', port, protocol: 'TCP' }],
  })
  await make(resources.pod, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name: pod, labels },
    // Nobody places it, so it stays what it is said to be.
    spec: { schedulerName: 'nobody', containers: [{ name: 'postgres', image: 'localhost/absent', resources: { limits: { cpu: '1', memory: '256Mi' } } }] },
  })
  await api.merge(resources.pod, { namespace, name: pod, subresource: 'status' }, { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } })
  await make(resources.volumeClaim, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace, name: pod, labels },
    // Nobody provides it either.
    spec: { storageClassName: 'nobody', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  })
  // Before its Cluster is there, so that the operator does not take it.
  await make(resources.backup, { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Backup', metadata: { namespace, name }, spec: { cluster: { name } } })
  await api.merge(resources.backup, { namespace, name, subresource: 'status' }, { status: { phase: 'completed' } })
  await make(resources.cluster, {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: {
      namespace,
      name,
      labels: { 'howdah.dev/project': 'default' },
      annotations: { 'cnpg.io/reconciliationLoop': 'disabled', 'argocd.argoproj.io/tracking-id': `fleet:postgresql.cnpg.io/Cluster:${namespace}/${name}` },
    },
    spec: { instances: 1, imageName: postgresqlImage(18), storage: { size: '1Gi' } },
  })
  await api.merge(resources.cluster, { namespace, name, subresource: 'status' }, {
    status: {
      phase: 'Cluster in healthy state',
      instances: 1,
      readyInstances: 1,
      currentPrimary: pod,
      targetPrimary: pod,
      pvcCount: 1,
      conditions: [archivingCondition(true)],
    },
  })
}
