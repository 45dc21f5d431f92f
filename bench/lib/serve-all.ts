import type { Context } from './bench.ts'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPrivatePostgres } from '@howdah/engine-local'
import pg from 'pg'
import { resolveAccount } from '../../packages/engine-local/src/account.ts'
import { makeFolder } from '../../packages/engine-local/src/files.ts'
import { command } from '../../tools/command.ts'

/**
 * One PostgreSQL with TLS that passes for many: its certificate is for `name`, which may begin with `*.`. Whoever comes as
 * `app` with the password `app` gets in.
 */
export async function serveAll({ afterwards }: Context, address: string, name: string, connections: number): Promise<{ readonly authority: string, readonly port: number }> {
  const account = await resolveAccount()
  const folder = await mkdtemp(join(tmpdir(), 'howdah-bench-'))
  await chmod(folder, 0o755)
  afterwards(async () => await rm(folder, { recursive: true, force: true }))
  const own = join(folder, 'tls')
  await makeFolder(own, 0o700, account)
  const [certificate, key, access] = ['server.crt', 'server.key', 'hba.conf'].map(file => join(own, file)) as [string, string, string]
  await command('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=fleet', '-addext', `subjectAltName=DNS:${name}`])
  await writeFile(access, 'local all all scram-sha-256\nhostssl all all all scram-sha-256\n')
  if (account)
    await command('chown', ['--recursive', `${account.uid}:${account.gid}`, own])
  const server = await openPrivatePostgres({
    dataDir: join(folder, 'data'),
    isKept: false,
    settings: {
      listen_addresses: address,
      max_connections: String(connections),
      ssl: 'on',
      ssl_cert_file: certificate,
      ssl_key_file: key,
      hba_file: access,
    },
  })
  afterwards(server.close)
  const client = new pg.Client({ ...server.connection })
  await client.connect()
  await client.query('create role app login password \'app\'')
  await client.query('create database app owner app')
  await client.end()
  return { authority: certificate, port: server.connection.port }
}
