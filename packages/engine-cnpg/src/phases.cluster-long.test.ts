/** What goes wrong on a real cluster, and what is said about it. */
import type { ClusterEngine } from './testing/cluster-engine.ts'
import { until } from '@howdah/testkit'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { resources } from './kubernetes/objects.ts'
import { clusterEngine } from './testing/cluster-engine.ts'
import { expireCertificate } from './testing/expire-certificate.ts'

const { s3 } = inject('cluster')

const places: ClusterEngine[] = []
afterAll(async () => {
  for (const place of places)
    await place.cleanup()
}, 600_000)

async function placeWith(settings: Readonly<Record<string, unknown>> = {}): Promise<ClusterEngine> {
  const place = await clusterEngine(settings)
  places.push(place)
  return place
}

describe('a database that cannot be made says why', () => {
  it('when its image cannot be pulled, and making it ends', async () => {
    const test = await placeWith({ images: { 18: { image: 'localhost/absent:18', version: '18.0' } } })
    const spec = test.spec()
    expect(await test.settle(spec)).toMatchObject({ outcome: 'failed', reason: 'ImageUnavailable', message: expect.stringContaining('image') })
    expect(await test.observe(spec)).toMatchObject({ phase: 'provisioning', reason: 'ImageUnavailable' })
  })

  it.each([
    ['when no node has room for it', { maxCpu: 1024, cpuReserved: 1 }, { cpu: 1000 }, 'NoNodeFits'],
    ['when its storage class is not there', { storageClass: 'absent' }, {}, 'StorageUnavailable'],
    ['when the quota leaves no room for its servers', { quota: { 'requests.cpu': '1m' } }, {}, 'QuotaExceeded'],
    ['when the quota leaves no room for its volume', { quota: { 'requests.storage': '1Mi' } }, {}, 'QuotaExceeded'],
  ])('%s', async (_, settings, change, reason) => {
    const test = await placeWith(settings)
    const spec = test.spec(change)
    while ((await test.engine.ensure(spec)).outcome === 'continue');
    const { message } = await test.becomes(spec, { phase: 'provisioning', reason })
    expect(message).not.toBe('')
    expect(await test.engine.ensure(spec)).toMatchObject({ outcome: 'wait', reason: expect.stringContaining(message) })
  })
})

it.runIf(s3)('a database whose archive does not take its WAL is made, and is not called ready', async () => {
  const test = await placeWith({ backups: { url: `s3://backups?endpoint=${s3?.endpoint}`, accessKeyId: s3?.accessKeyId, secretAccessKey: 'another' } })
  const spec = await test.database()
  const { message } = await test.becomes(spec, { phase: 'degraded', reason: 'ArchiveStuck' })
  expect(message).toContain('archive')
  expect(test.storyOf(spec)).toContain('archive.stuck')
  await expect(test.engine.restoreWindow(spec)).rejects.toMatchObject({ code: 'unavailable' })
})

it('a database whose name is not known here says so, and what to set', async () => {
  const test = await placeWith({ reach: 'dns' })
  const spec = test.spec()
  await until(async () => {
    const progress = await test.engine.ensure(spec)
    return progress.outcome === 'wait' && progress.reason.includes('cluster-ip')
  }, { deadlineMs: 200_000, everyMs: 250, what: 'it says what to set' })
  await test.becomes(spec, { phase: 'provisioning', reason: 'NameUnresolved' })
})

it('a database whose certificate is over says so to a control plane that connects anew, and is ready when it is renewed', async () => {
  const test = await placeWith()
  const spec = await test.database()
  const place = { namespace: test.namespace, name: spec.name }
  const annotate = async (annotations: Readonly<Record<string, string | null>>): Promise<unknown> =>
    await test.api.merge(resources.cluster, place, { metadata: { annotations } }, { as: 'somebody' })
  // The operator would renew it at once.
  await annotate({ 'cnpg.io/reconciliationLoop': 'disabled' })
  await expireCertificate(test, spec.name)
  // The server takes it when its Cluster changes.
  await annotate({ 'howdah.dev/test': 'look' })
  await until(async () => await test.connect(spec).then(async (session) => {
    await session.close()
    return false
  }, (error: unknown) => error instanceof Error && 'code' in error && error.code === 'CERT_HAS_EXPIRED'), { deadlineMs: 120_000, everyMs: 250, what: 'users are shown the new certificate' })

  const next = test.createEngine()
  await next.open()
  await until(async () => (await next.observe(spec))?.reason === 'CertificateExpired', { deadlineMs: 60_000, everyMs: 100, what: 'it is told' })
  expect(await next.observe(spec)).toMatchObject({ phase: 'failed', message: expect.stringContaining('certificate') })
  await annotate({ 'cnpg.io/reconciliationLoop': null })
  await until(async () => (await next.observe(spec))?.phase === 'ready', { deadlineMs: 180_000, everyMs: 100, what: 'it is ready again' })
  await next.close()
})
