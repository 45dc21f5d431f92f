import type { SqlAddress, SqlSession } from '@howdah/engine/conformance'
import type { KubeApi } from '../kubernetes/api.ts'
import type { KubeObject } from '../kubernetes/objects.ts'
import { Client } from 'pg'
import { resources } from '../kubernetes/objects.ts'

/** A session of a user, from a machine that has routes into the cluster but not its DNS: by address, verified by name. */
export async function connectThroughService(api: KubeApi, { database, observed, password, user }: SqlAddress, withinMs = 10_000): Promise<SqlSession> {
  const { endpoint } = observed
  const [service = '', namespace = ''] = endpoint?.host.split('.') ?? []
  const found = await api.get<KubeObject & { readonly spec?: { readonly clusterIP?: string } }>(resources.service, { namespace, name: service })
  if (!endpoint || !found?.spec?.clusterIP)
    throw new Error('there is no endpoint')
  const client = new Client({
    host: found.spec.clusterIP,
    port: endpoint.port,
    ssl: { ca: endpoint.caCertificate, servername: endpoint.host },
    user,
    password,
    database,
    connectionTimeoutMillis: withinMs,
  })
  client.on('error', () => {}) // a cut connection fails the next query, which is what tests look at
  await client.connect()
  return {
    query: async (text) => {
      const result: unknown = await client.query(text)
      const last = Array.isArray(result)
        ? result.at(-1) as { rows: Record<string, unknown>[] }
        : result as { rows: Record<string, unknown>[] } // pg's own shapes
      return last.rows
    },
    close: async () => await client.end(),
  }
}
