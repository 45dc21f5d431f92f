/** What somebody's policy for the cluster does not let in. */
import type { ClusterEngine } from './testing/cluster-engine.ts'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { resources } from './kubernetes/objects.ts'
import { namespaceManifest } from './manifests/namespace.ts'
import { clusterEngine } from './testing/cluster-engine.ts'

const apiVersion = 'admissionregistration.k8s.io/v1'
const policies = { apiVersion, plural: 'validatingadmissionpolicies', isNamespaced: false }
const bindings = { apiVersion, plural: 'validatingadmissionpolicybindings', isNamespaced: false }

let test: ClusterEngine
let name: string
beforeAll(async () => {
  test = await clusterEngine()
  name = `${test.namespacePrefix}policy`
  const policy = {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      matchConstraints: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': test.namespace } },
        resourceRules: [{ apiGroups: ['postgresql.cnpg.io'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['clusters'] }],
      },
      // As webhooks answer that give no code of their own.
      validations: [{ expression: 'false', message: 'clusters have a cost centre', reason: 'Forbidden' }],
    },
  }
  const binding = { apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name }, spec: { policyName: name, validationActions: ['Deny'] } }
  await test.api.create(policies, policy)
  await test.api.create(bindings, binding)
})
afterAll(async () => {
  await test.api.delete(bindings, { name })
  await test.api.delete(policies, { name })
  await test.cleanup()
}, 600_000)

it('is refused for good, in the words of the policy', async () => {
  const spec = test.spec()
  await test.api.create(resources.namespace, namespaceManifest(test, spec.project))
  const probe = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', metadata: { name: 'probe', namespace: test.namespace }, spec: { instances: 1, storage: { size: '1Gi' } } }
  await until(async () => await test.api.apply(resources.cluster, probe, { isDryRun: true }).then(() => false, () => true), { deadlineMs: 60_000, everyMs: 250, what: 'the policy is in force' })
  await expect((async () => {
    while ((await test.engine.ensure(spec)).outcome === 'continue');
  })()).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('clusters have a cost centre') })
})
