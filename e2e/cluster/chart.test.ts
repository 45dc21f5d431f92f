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
import { kubectl, temporaryNamespace } from './kubectl.ts'

const { kubeconfig, postgresqlImages, isOurs } = inject('cluster')
const release = 'howdah'

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
    const values = join(folder.path, 'values.json')
    await writeFile(values, JSON.stringify({
      image: { ...howdahImage, pullPolicy: 'Never' },
      // No metrics-server here.
      api: { autoscaling: { enabled: false } },
      store: { instances: 1, imageName: postgresqlImages?.[18], imagePullPolicy: 'Never', storage: { size: '1Gi' } },
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

  async function howdah(...args: string[]): Promise<string> {
    return await kubectl('--namespace', namespace.name, 'exec', `deployment/${release}-api`, '--container', 'howdah', '--', 'howdah', ...args)
  }
})
