/** The chart as Helm sees it. That a cluster takes it, and that it works there, is held by e2e/cluster. */
import { join } from 'node:path'
import { expectGolden } from '@howdah/testkit'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { command } from '../../tools/command.ts'
import { helm } from '../../tools/needs/helm.ts'
import { root } from '../../tools/root.ts'

const chart = join(root, 'deploy/helm/howdah')
const image = 'registry.example.com/howdah'

/** What people would set, from the least to all of it. */
const settings: Readonly<Record<string, readonly string[]>> = {
  'least': [],
  'all': [
    'image.digest=sha256:0000000000000000000000000000000000000000000000000000000000000000',
    'imagePullSecrets={registry}',
    'publicUrl=https://howdah.example.com',
    'admin.email=ada@example.com',
    'ingress.enabled=true',
    'ingress.host=howdah.example.com',
    'ingress.tlsSecret=howdah-tls',
    'gateway.enabled=true',
    'gateway.parentRefs[0].name=public',
    'gateway.hostnames={howdah.example.com}',
    'serviceMonitor.enabled=true',
    'serviceMonitor.labels.release=prometheus',
    'rbac.podMonitors=true',
    'rbac.tlsRoutes=true',
    'rbac.volumeSnapshots=true',
    'networkPolicy.from[0].namespaceSelector.matchLabels.team=platform',
    'locationSecrets={s3}',
    'networkPolicy.egressPorts={7070}',
    'store.storage.storageClass=fast',
    'store.backups.objectStore=howdah-store',
    'api.nodeSelector.pool=system',
    'worker.tolerations[0].operator=Exists',
  ],
  'own-secrets': ['secretKey.existingSecret=key', 'admin.existingSecret=admin', 'store.existingSecret=store', 'rbac.create=false', 'networkPolicy.enabled=false', 'api.autoscaling.enabled=false', 'podDisruptionBudget.enabled=false'],
}

it('is without complaints', async () => {
  const answer = await command(await helm(), ['lint', '--strict', chart, '--set', `image.repository=${image}`])
  expect(answer).toContain('0 chart(s) failed')
})

describe.each(Object.entries(settings))('with %s', (name, values) => {
  it('says what it always said', async () => {
    await expectGolden(import.meta.url, `${name}.yaml`, withoutRandom(await template(values)))
  })
  it('runs nothing as root, with rights, or on a file system that can be written', async () => {
    const pods = (await objectsOf(values)).filter(({ kind }) => kind === 'Deployment').map(({ spec }) => spec.template.spec)
    expect(pods).toHaveLength(2)
    for (const { securityContext, enableServiceLinks, containers, initContainers = [] } of pods) {
      expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
      expect(enableServiceLinks).toBe(false)
      for (const container of [...initContainers, ...containers])
        expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } })
    }
  })
  it('lets nobody list or watch Secrets, and nobody do everything', async () => {
    const rules = (await objectsOf(values)).flatMap(({ kind, rules }) => kind === 'ClusterRole' ? rules : [])
    expect(rules.length > 0).toBe(!values.includes('rbac.create=false'))
    for (const { apiGroups, resources, verbs } of rules) {
      expect([...apiGroups, ...resources, ...verbs]).not.toContain('*')
      if (resources.includes('secrets'))
        expect(verbs.filter(verb => ['list', 'watch', 'deletecollection'].includes(verb))).toEqual([])
    }
  })
})

it.each([
  ['no registry for the image', [], 'image.repository is required'],
  ['a mistyped value', ['image.repository=x', 'ingres.enabled=true'], 'ingres'],
  ['a location without an engine', ['image.repository=x', 'locations[0].name=here', 'locations[0].engine=null'], 'engine'],
  ['a time of backups without seconds', ['image.repository=x', 'store.backups.schedule=0 2 * * *'], 'schedule'],
  ['an Ingress for no host', ['image.repository=x', 'ingress.enabled=true'], 'ingress.host is required'],
  ['a key for the secrets of a digest that is none', ['image.repository=x', 'image.digest=sha256:1'], 'digest'],
])('refuses %s', async (_, values, complaint) => {
  await expect(render(values)).rejects.toThrow(complaint)
})

interface Container { readonly securityContext: object }

interface Rendered {
  readonly kind: string
  readonly rules: readonly { readonly apiGroups: string[], readonly resources: string[], readonly verbs: string[] }[]
  readonly spec: { readonly template: { readonly spec: { readonly securityContext: object, readonly enableServiceLinks: boolean, readonly containers: readonly Container[], readonly initContainers?: readonly Container[] } } }
}

async function objectsOf(values: readonly string[]): Promise<Rendered[]> {
  return parseAllDocuments(await template(values)).map(document => document.toJS() as Rendered | null).filter(object => object !== null) // as the chart says
}

async function template(values: readonly string[]): Promise<string> {
  return await render([`image.repository=${image}`, ...values])
}

async function render(values: readonly string[]): Promise<string> {
  return await command(await helm(), ['template', 'howdah', chart, '--namespace', 'howdah', ...values.flatMap(value => ['--set', value])])
}

/** Secrets are made anew each time. */
function withoutRandom(text: string): string {
  return text.replace(/^( {2}(?:key|password): ).*$/gm, '$1…')
}
