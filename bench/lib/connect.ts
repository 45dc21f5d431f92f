import type { BenchServer } from './server.ts'
import pg from 'pg'

/** What of `GET /api/databases/{name}/connection` a client needs. */
export interface Connection {
  readonly formats: { readonly uri: string }
  readonly tls: { readonly caCertificate: string }
}

export async function connectionOf(server: BenchServer, name: string): Promise<Connection> {
  return await server.api<Connection>('GET', `/api/databases/${name}/connection`)
}

/** Connect with the URI as it was given, checking the certificate against the CA as it was given, and ask one thing. */
export async function firstQuery({ formats, tls }: Connection): Promise<void> {
  const uri = new URL(formats.uri)
  // node-postgres would take the certificate from files that the URI names, and let them win over `ssl`.
  uri.search = ''
  const client = new pg.Client({ connectionString: uri.href, ssl: { ca: tls.caCertificate, host: uri.hostname } })
  await client.connect()
  try {
    await client.query('select 1')
  }
  finally {
    await client.end()
  }
}
