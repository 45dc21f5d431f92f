import type { Endpoint } from '@howdah/engine'
import type { Address } from '@howdah/postgres'
import type pg from 'pg'
import type { KubeApi } from './kubernetes/api.ts'
import type { KubeObject } from './kubernetes/objects.ts'
import type { Location } from './location.ts'
import type { ClusterView } from './views.ts'
import { Buffer } from 'node:buffer'
import { EngineError } from '@howdah/engine'
import { addressConfig } from '@howdah/postgres'
import { resources } from './kubernetes/objects.ts'
import { externalHost } from './manifests/cluster.ts'

const port = 5432

/** Where a database is: for its users, and for us who may be outside of the cluster's DNS. */
export interface Target {
  readonly address: Address
  /** Set: connect to this address, and check the certificate against the name all the same. */
  readonly connectTo: string | undefined
}

/** Its Service stays; its authority is renewed every few months. */
export async function findTarget(api: KubeApi, location: Location, cluster: ClusterView): Promise<Target> {
  const { name, namespace } = cluster
  const [authority, service] = await Promise.all([
    readSecret(api, namespace, `${name}-ca`),
    location.reach === 'cluster-ip' ? api.get<ServiceObject>(resources.service, { namespace, name: `${name}-rw` }) : undefined,
  ])
  const ca = authority?.['ca.crt']
  if (ca === undefined || (location.reach === 'cluster-ip' && !service?.spec?.clusterIP))
    throw new EngineError('unavailable', 'The database is still being made.')
  const host = location.domain === undefined || cluster.project === undefined
    ? `${name}-rw.${namespace}.svc`
    : externalHost({ name, project: cluster.project }, location.domain)
  return { address: { host, port, ca }, connectTo: service?.spec?.clusterIP }
}

export function endpointOf({ address }: Target): Endpoint {
  return { host: address.host, port: address.port, caCertificate: address.ca }
}

/** How our own connections get there. The name in the certificate is checked in every case. */
export function connectionOf({ address, connectTo }: Target): pg.ClientConfig {
  const config = addressConfig(address)
  return connectTo === undefined
    ? config
    : { ...config, host: connectTo, ssl: { ca: address.ca, servername: address.host, minVersion: 'TLSv1.2' } }
}

/** Values of a Secret, by its name: Secrets are never listed. */
export async function readSecret(api: KubeApi, namespace: string, name: string): Promise<Readonly<Record<string, string>> | undefined> {
  const secret = await api.get<KubeObject & { readonly data?: Readonly<Record<string, string>> }>(resources.secret, { namespace, name })
  return secret && Object.fromEntries(Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]))
}

interface ServiceObject extends KubeObject {
  readonly spec?: { readonly clusterIP?: string }
}
