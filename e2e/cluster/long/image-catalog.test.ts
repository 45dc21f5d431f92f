/** Databases follow a catalogue: what it has is on offer, another image is a minor upgrade that is told, and a major that is gone is told too. */
import type { DatabaseSpec } from '@howdah/engine'
import type { ClusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { randomBytes } from 'node:crypto'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { resources } from '../../../packages/engine-cnpg/src/kubernetes/objects.ts'
import { clusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { nameImage, unnameImage } from '../../../testbed/cluster/containerd.ts'
import { nodes } from '../../../testbed/cluster/layout.ts'

const catalogue = `t-${randomBytes(4).toString('hex')}`
const { isOurs, postgresqlImages } = inject('cluster')
const { 17: image17 = '', 18: image18 = '' } = postgresqlImages ?? {}
/** The same image under another name, as the next minor version would have. */
const next = 'localhost/postgresql:18.999'

describe.runIf(isOurs)('databases that follow a catalogue', () => {
  let test: ClusterEngine
  let spec: DatabaseSpec

  beforeAll(async () => {
    for (const { name } of nodes)
      await nameImage(name, image18, next)
    test = await clusterEngine({ images: undefined, imageCatalog: catalogue })
    await offer({ 17: image17, 18: image18 })
    await until(async () => (await test.engine.capabilities()).versions.length === 2, { deadlineMs: 10_000, everyMs: 20, what: 'the catalogue is heard of' })
    spec = await test.database()
  }, 300_000)
  afterAll(async () => {
    await test?.api.delete(resources.imageCatalog, { name: catalogue })
    await test?.cleanup()
    for (const { name } of nodes)
      await unnameImage(name, next)
  }, 600_000)

  async function offer(images: Readonly<Record<string, string>>): Promise<void> {
    await test.api.apply(resources.imageCatalog, {
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'ClusterImageCatalog',
      metadata: { name: catalogue },
      ...{ spec: { images: Object.entries(images).map(([major, image]) => ({ major: Number(major), image })) } },
    })
  }

  it('what the catalogue has is on offer, and the version of a database is what its server says', async () => {
    expect(await test.engine.capabilities()).toMatchObject({ defaultVersion: 18, versions: [{ major: 18, source: image18 }, { major: 17, source: image17 }] })
    expect((await test.observe(spec)).serverVersion).toMatch(/^18\.\d+$/)
    await test.engine.check()
  })

  it('another image is on offer at once, and the servers are replaced, which is told', async () => {
    await offer({ 17: image17, 18: next })
    await until(() => test.storyOf(spec).includes('image.changed'), { deadlineMs: 30_000, everyMs: 20, what: 'the new image is told' })
    expect((await test.engine.capabilities()).versions[0]).toEqual({ major: 18, version: '18.999', source: next })
    await until(async () => {
      const [pod] = await test.api.list<{ readonly metadata: { readonly name: string }, readonly spec: { readonly containers: readonly { readonly name: string, readonly image: string }[] } }>(resources.pod, { namespace: test.namespace, labels: `cnpg.io/cluster=${spec.name},cnpg.io/podRole=instance` })
      return pod?.spec.containers.some(({ image, name }) => name === 'postgres' && image === next)
    }, { deadlineMs: 120_000, everyMs: 200, what: 'the server is replaced' })
    await test.becomes(spec, { phase: 'ready' })
    // Nothing that we would undo.
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
  }, 300_000)

  it('a major that is taken out is not on offer, and whoever has it is told that nobody looks after it', async () => {
    await offer({ 17: image17 })
    await test.becomes(spec, { phase: 'degraded', reason: 'NotInCatalogue' })
    expect((await test.engine.plan({ ...test.spec(), version: 18 })).refusals).toMatchObject([{ pointer: '/version' }])
    await (await test.connect(spec)).close()
    await offer({ 17: image17, 18: next })
    await test.becomes(spec, { phase: 'ready' })
  }, 300_000)
})
