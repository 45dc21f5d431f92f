/** The test cluster itself: what the tests of the engine stand on. */
import { until } from '@howdah/testkit/until'
import { afterAll, beforeAll, describe, inject, it } from 'vitest'
import { apply, kubectl, temporaryNamespace } from '../kubectl.ts'

const { postgresqlImages, s3 } = inject('cluster')

let namespace: Awaited<ReturnType<typeof temporaryNamespace>>
beforeAll(async () => {
  namespace = await temporaryNamespace()
})
afterAll(async () => await namespace.remove())

describe.concurrent.each(Object.entries(postgresqlImages ?? {}))('PostgreSQL %s', (major, imageName) => {
  it('becomes a cluster that answers, archives to S3, and whose standby follows on another node', async ({ expect }) => {
    const cluster = `pg${major}`
    for (const object of archive(namespace.name))
      await apply(namespace.name, object)
    await apply(namespace.name, {
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Cluster',
      metadata: { name: cluster },
      spec: {
        instances: 2,
        imageName,
        storage: { size: '1Gi' },
        affinity: { podAntiAffinityType: 'required' },
        plugins: [{ name: 'barman-cloud.cloudnative-pg.io', isWALArchiver: true, parameters: { barmanObjectName: 'store' } }],
      },
    })
    for (const condition of ['Ready', 'ContinuousArchiving'])
      await kubectl('--namespace', namespace.name, 'wait', `--for=condition=${condition}`, `cluster/${cluster}`, '--timeout=480s')
    const version = await sql(`${cluster}-1`, 'show server_version')
    expect(version).toMatch(new RegExp(`^${major}\\.`))
    const placed = await kubectl('--namespace', namespace.name, 'get', 'pods', '--selector', `cnpg.io/cluster=${cluster}`, '--output', 'jsonpath={.items[*].spec.nodeName}')
    expect(new Set(placed.split(' ')).size).toBe(2)

    await sql(`${cluster}-1`, 'create table seen as select 1 as n')
    expect(await until(async () => await sql(`${cluster}-2`, 'select n from seen').catch(() => ''), { deadlineMs: 120_000, what: 'the standby has the row' })).toBe('1')
  })
})

/** With a folder of its own: a first archive into one that holds something is refused. */
function archive(folder: string): object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's3' },
      stringData: { id: s3?.accessKeyId, secret: s3?.secretAccessKey, region: 'us-east-1' },
    },
    {
      apiVersion: 'barmancloud.cnpg.io/v1',
      kind: 'ObjectStore',
      metadata: { name: 'store' },
      spec: {
        configuration: {
          destinationPath: `s3://backups/${folder}`,
          endpointURL: s3?.endpoint,
          s3Credentials: { accessKeyId: { name: 's3', key: 'id' }, secretAccessKey: { name: 's3', key: 'secret' }, region: { name: 's3', key: 'region' } },
          wal: { compression: 'gzip' },
        },
      },
    },
  ]
}

async function sql(pod: string, statement: string): Promise<string> {
  const answer = await kubectl('--namespace', namespace.name, 'exec', pod, '--container', 'postgres', '--', 'psql', '--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--command', statement, 'app')
  return answer.trim()
}
