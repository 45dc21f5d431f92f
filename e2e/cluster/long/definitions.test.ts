/** Clusters in which nobody installed what databases are made with. */
import type { Database, Operation } from '@howdah/contract'
import type { BareApi } from '../../../testbed/cluster/bare-api.ts'
import type { RunningServer } from '../../server.ts'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder, until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { readManifest } from '../../../testbed/cluster/addons/upstream.ts'
import { bareApi } from '../../../testbed/cluster/bare-api.ts'
import { programs } from '../../../testbed/cluster/build/programs.ts'
import { goModuleFolder } from '../../../tools/needs/go-program.ts'
import { startServer } from '../../server.ts'
import { createAccount } from '../account.ts'

const { isOurs, s3 } = inject('cluster')

interface Ready { readonly status: string, readonly checks: readonly { readonly name: string, readonly ok: boolean, readonly message: string }[] }

describe.runIf(isOurs)('a location whose cluster has no operator', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let bare: BareApi
  let account: Awaited<ReturnType<typeof createAccount>>
  let server: RunningServer
  beforeAll(async () => {
    folder = await temporaryFolder()
    bare = await bareApi()
    account = await createAccount(bare.kubeconfig)
    const locations = join(folder.path, 'locations.json')
    await writeFile(locations, JSON.stringify([
      { name: 'here', engine: 'local', settings: {} },
      {
        name: 'there',
        engine: 'cnpg',
        settings: {
          kubeconfig: account.kubeconfig,
          images: { 18: { image: 'localhost/postgresql:18', version: '18.0' } },
          backups: { url: `s3://backups/bare?endpoint=${s3?.endpoint}`, accessKeyId: s3?.accessKeyId, secretAccessKey: s3?.secretAccessKey },
        },
      },
    ]), { mode: 0o600 })
    server = await startServer({ HOWDAH_LOCATIONS: locations, HOWDAH_LOG_FORMAT: 'json' })
  })
  afterAll(async () => {
    await server.stop()
    await account.remove()
    await bare.remove()
    await folder.remove()
  })

  it('says what is missing and what to do, and keeps nothing else from working', async () => {
    expect(await ready()).toMatchObject({ ok: false, message: expect.stringMatching(/"there" cannot be used now: CloudNativePG is not installed there.*Install its operator/) })
    const { body } = await server.api<Database>('POST', '/api/databases', { body: { name: 'near', location: 'here' }, isAwaited: true })
    expect(body.phase).toBe('ready')
  })

  it('says it to whoever asks for a database there, and waits', async () => {
    const { body, status } = await server.api<Database>('POST', '/api/databases', { body: { name: 'far', location: 'there' } })
    expect(status).toBe(201)
    await until(async () => /CloudNativePG is not installed|barman-cloud is not installed/.test(await said(body)), { deadlineMs: 30_000, everyMs: 100, what: 'its operation says why it waits' })
  })

  it('comes up by itself when the definitions come, and says in between that those of the backup plugin are missing', async () => {
    await define('cloudnative-pg', `releases/cnpg-${programs['cloudnative-pg'].version}.yaml`)
    await until(async () => /barman-cloud is not installed/.test((await ready()).message), { deadlineMs: 60_000, everyMs: 250, what: 'the plugin is named' })
    const { body: far } = await server.api<Database>('GET', '/api/databases/far')
    await until(async () => /barman-cloud is not installed/.test(await said(far)), { deadlineMs: 30_000, everyMs: 100, what: 'its operation names the plugin' })

    await define('barman-cloud', 'manifest.yaml')
    await until(async () => (await ready()).ok, { deadlineMs: 60_000, everyMs: 250, what: 'the location is ready' })
    await until(async () => await bare.kubectl(['--namespace', 'howdah-default', 'get', 'cluster', 'far', '--ignore-not-found', '--output', 'name']), { deadlineMs: 60_000, everyMs: 250, what: 'what waited goes on' })
    await until(async () => (await server.api<Database>('GET', '/api/databases/far')).body.phase === 'provisioning', { deadlineMs: 30_000, everyMs: 100, what: 'it is observed' })
  })

  it('says it again when they are taken away, and nothing of all that was a surprise', async () => {
    await bare.kubectl(['delete', 'customresourcedefinition', 'clusters.postgresql.cnpg.io', '--timeout=60s'])
    await until(async () => /CloudNativePG is not installed/.test((await ready()).message), { deadlineMs: 60_000, everyMs: 250, what: 'it is told' })
    expect((await server.api<Database>('GET', '/api/databases/near')).body.phase).toBe('ready')
    expect(server.output()).not.toMatch(/no code expects|unhandled|uncaught/i)
  })

  async function ready(): Promise<Ready['checks'][number]> {
    const { body } = await server.api<Ready>('GET', '/ready')
    return body.checks.find(({ name }) => name === 'there')!
  }

  /** What the operation that makes it says now. */
  async function said({ name }: Pick<Database, 'name'>): Promise<string> {
    const { body } = await server.api<{ items: Operation[] }>('GET', `/api/operations?database=${name}`)
    return body.items[0]?.message ?? ''
  }

  /** As a release has them. */
  async function define(program: 'barman-cloud' | 'cloudnative-pg', manifest: string): Promise<void> {
    const objects = await readManifest(join(await goModuleFolder(programs[program]), manifest))
    const definitions = objects.filter(({ kind }) => kind === 'CustomResourceDefinition')
    await bare.kubectl(['apply', '--server-side', '--filename', '-'], definitions.map(definition => JSON.stringify(definition)).join('\n'))
  }
})
