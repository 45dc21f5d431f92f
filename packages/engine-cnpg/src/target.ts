import type { Endpoint } from '@howdah/engine'
import type { Address } from '@howdah/postgres'
import type pg from 'pg'
import type { Installation } from './installation.ts'
import type { KubeApi } from './kubernetes/api.ts'
import type { KubeObject } from './kubernetes/objects.ts'
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
  /** The same for what only we do, which needs no load balancer. */
  readonly superuserTo: string | undefined
  /** It has no address yet under which users reach it. */
  readonly isPending: boolean
}

/** Its Service stays; its authority is renewed every few months. */
export async function findTarget({ api, balancerAddress, location }: Installation, cluster: ClusterView): Promise<Target> {
  const { isExternal, isRouted, name, namespace } = cluster
  const [authority, service] = await Promise.all([
    readSecret(api, namespace, `${name}-ca`),
    location.reach === 'cluster-ip' ? api.get<ServiceObject>(resources.service, { namespace, name: `${name}-rw` }) : undefined,
  ])
  const ca = authority?.['ca.crt']
  if (ca === undefined || (location.reach === 'cluster-ip' && !service?.spec?.clusterIP))
    throw new EngineError('unavailable', 'The database is still being made.')
  const host = !(isExternal || isRouted) || location.domain === undefined || cluster.project === undefined
    ? `${name}-rw.${namespace}.svc`
    : externalHost({ name, project: cluster.project }, location.domain)
  const superuserTo = service?.spec?.clusterIP
  if (isRouted && location.tlsRoute)
    return { address: { host, port: location.tlsRoute.port, ca, isDirect: true }, superuserTo, connectTo: location.tlsRoute.address, isPending: false }
  const balancer = balancerAddress(namespace, name)
  return {
    address: { host, port, ca },
    superuserTo,
    // By name it is whatever that leads to.
    connectTo: isExternal && superuserTo !== undefined ? balancer : superuserTo,
    isPending: isExternal && superuserTo !== undefined && balancer === undefined,
  }
}

export function endpointOf({ address }: Target): Endpoint {
  return { host: address.host, port: address.port, ...address.isDirect ? { sslNegotiation: 'direct' } : {}, caCertificate: address.ca }
}

/** How our own connections get there. The name in the certificate is checked in every case. */
export function connectionOf({ address, connectTo, isPending }: Target): pg.ClientConfig {
  if (isPending)
    throw new EngineError('unavailable', 'Its load balancer has no address yet.')
  return connectionTo(address, connectTo)
}

export function superuserConnectionOf({ address, superuserTo }: Target): pg.ClientConfig {
  return connectionTo(superuserTo === undefined ? address : { ...address, port }, superuserTo)
}

function connectionTo(address: Address, connectTo: string | undefined): pg.ClientConfig {
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
