/** Howdah in the cluster, as the chart installs it from the image of this tree. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder, until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { command } from '../../tools/command.ts'
import { helm } from '../../tools/needs/helm.ts'
import { psql } from '../../tools/needs/postgresql-clients.ts'
import { root } from '../../tools/root.ts'
import { howdahImage, loadHowdahImage } from './howdah-image.ts'
import { apply, kubectl, temporaryNamespace } from './kubectl.ts'

const { kubeconfig, postgresqlImages, isOurs, s3 } = inject('cluster')
const release = 'howdah'
const store = `${release}-store`
const archive = 'store-archive'

/** As the contract has it. */
interface Connection {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly tls: { readonly mode: string, readonly caCertificate: string }
}

describe.runIf(isOurs)('the chart', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let namespace: Awaited<ReturnType<typeof temporaryNamespace>>
  let projects: string

  beforeAll(async () => {
    folder = await temporaryFolder()
    await loadHowdahImage()
    namespace = await temporaryNamespace()
    projects = `${namespace.name}-`
    await kubectl('label', 'namespace', namespace.name, 'pod-security.kubernetes.io/enforce=restricted')
    await apply(namespace.name, { apiVersion: 'v1', kind: 'Secret', metadata: { name: archive }, stringData: { id: s3?.accessKeyId, secret: s3?.secretAccessKey } })
    const key = (key: string): object => ({ name: archive, key })
    await apply(namespace.name, {
      apiVersion: 'barmancloud.cnpg.io/v1',
      kind: 'ObjectStore',
      metadata: { name: archive },
      spec: { configuration: { destinationPath: `s3://backups/${namespace.name}`, endpointURL: s3?.endpoint, s3Credentials: { accessKeyId: key('id'), secretAccessKey: key('secret') } } },
    })
    const values = join(folder.path, 'values.json')
    await writeFile(values, JSON.stringify({
      image: { ...howdahImage, pullPolicy: 'Never' },
      // No metrics-server here.
      api: { autoscaling: { enabled: false } },
      store: { instances: 2, imageName: postgresqlImages?.[18], imagePullPolicy: 'Never', storage: { size: '1Gi' }, backups: { objectStore: archive } },
      locations: [{
        name: 'cluster',
        engine: 'cnpg',
        settings: { namespacePrefix: projects, storageGrows: false, cpuReserved: 0.05, images: { 18: { image: postgresqlImages?.[18], version: '18.0' } } },
      }],
    }))
    await command(await helm(), ['install', release, join(root, 'deploy/helm/howdah'), '--kubeconfig', kubeconfig, '--namespace', namespace.name, '--values', values])
  })
  afterAll(async () => {
    await command(await helm(), ['uninstall', release, '--kubeconfig', kubeconfig, '--namespace', namespace.name, '--wait'])
    await kubectl('delete', 'namespace', `${projects}default`, '--ignore-not-found', '--timeout=180s')
    await namespace.remove()
    await folder.remove()
  })

  it('rolls out under the restricted pod security standard, its store included', async () => {
    for (const role of ['api', 'worker'])
      await kubectl('--namespace', namespace.name, 'rollout', 'status', `deployment/${release}-${role}`, '--timeout=300s')
  })

  it('makes a database through the API inside the cluster, which psql reaches, and deletes it', async () => {
    await howdah('db', 'create', 'hello')
    const { host, port, user, password, database, tls } = JSON.parse(await howdah('db', 'connection', 'hello', '--output', 'json')) as Connection
    expect(tls.mode).toBe('verify-full')
    const certificate = join(folder.path, 'ca.crt')
    await writeFile(certificate, tls.caCertificate)
    const [service = '', home = ''] = host.split('.')
    const answer = await command(await psql(), ['--no-psqlrc', '--tuples-only', '--no-align', '--command', 'select 40 + 2'], {
      env: {
        PGHOST: host,
        // This machine routes to services and does not know their names: the name is checked all the same.
        PGHOSTADDR: await kubectl('--namespace', home, 'get', 'service', service, '--output', 'jsonpath={.spec.clusterIP}'),
        PGPORT: String(port),
        PGUSER: user,
        PGPASSWORD: password,
        PGDATABASE: database,
        PGSSLMODE: tls.mode,
        PGSSLROOTCERT: certificate,
      },
    })
    expect(answer).toBe('42\n')
    await howdah('db', 'delete', 'hello', '--yes')
    expect(JSON.parse(await howdah('db', 'list', '--output', 'json'))).toEqual([])
  })

  it('finishes a database whose workers were killed while they made it', async () => {
    const creating = howdah('db', 'create', 'survivor')
    await until(async () => await kubectl('--namespace', `${projects}default`, 'get', 'cluster', 'survivor', '--ignore-not-found'), { deadlineMs: 60_000, everyMs: 100, what: 'it is being made' })
    await kubectl('--namespace', namespace.name, 'delete', 'pods', '--selector', 'app.kubernetes.io/component=worker', '--force', '--grace-period=0')
    await creating
    expect(JSON.parse(await howdah('db', 'get', 'survivor', '--output', 'json'))).toMatchObject({ phase: 'ready' })
    await howdah('db', 'delete', 'survivor', '--yes')
  })

  it('has its store archived and backed up', async () => {
    await inNamespace('wait', '--for=jsonpath={.status.conditions[?(@.type=="ContinuousArchiving")].status}=True', `cluster/${store}`, '--timeout=180s')
    await until(async () => (await inNamespace('get', 'backups.postgresql.cnpg.io', '--selector', `cnpg.io/scheduled-backup=${store}`, '--output', 'jsonpath={.items[*].status.phase}')).includes('completed'), { deadlineMs: 180_000, everyMs: 500, what: 'the first backup is complete' })
  })

  it('works on when the primary of its store is lost, with all that it knows and without a restart', async () => {
    await howdah('db', 'create', 'remembered')
    await inNamespace('wait', '--for=jsonpath={.status.readyInstances}=2', `cluster/${store}`, '--timeout=180s')
    const restarts = async (): Promise<string> => await inNamespace('get', 'pods', '--selector', 'app.kubernetes.io/component in (api, worker)', '--sort-by={.metadata.name}', '--output', 'jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[*].restartCount}{"\\n"}{end}')
    const primary = async (): Promise<string> => await inNamespace('get', 'cluster', store, '--output', 'jsonpath={.status.currentPrimary}')
    const [before, lost] = [await restarts(), await primary()]
    await inNamespace('delete', 'pod', lost, '--force', '--grace-period=0')
    await until(async () => await primary() !== lost, { deadlineMs: 120_000, everyMs: 250, what: 'the other instance is the primary' })
    const names = await until(async () => await howdah('db', 'list', '--output', 'json').then(text => (JSON.parse(text) as { name: string }[]).map(({ name }) => name), () => undefined), { deadlineMs: 60_000, everyMs: 250, what: 'the API answers' })
    expect(names).toEqual(['remembered'])
    await until(async () => await howdah('db', 'delete', 'remembered', '--yes').then(() => true, () => false), { deadlineMs: 120_000, everyMs: 1_000, what: 'it can be changed' })
    expect(JSON.parse(await howdah('db', 'list', '--output', 'json'))).toEqual([])
    expect(await restarts()).toBe(before)
  })

  async function inNamespace(...args: string[]): Promise<string> {
    return await kubectl('--namespace', namespace.name, ...args)
  }

  async function howdah(...args: string[]): Promise<string> {
    return await kubectl('--namespace', namespace.name, 'exec', `deployment/${release}-api`, '--container', 'howdah', '--', 'howdah', ...args)
  }
})
