/** A cluster whose API cannot be reached for a while, by us and by nobody else. */
import type { ClusterEngine } from './testing/cluster-engine.ts'
import type { Way } from './testing/proxy.ts'
import { join } from 'node:path'
import { temporaryFolder, until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resources } from './kubernetes/objects.ts'
import { clusterEngine } from './testing/cluster-engine.ts'
import { readAccountKubeconfig, writeAccountKubeconfig } from './testing/kubeconfig-of-account.ts'
import { wayTo } from './testing/proxy.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let way: Way
let test: ClusterEngine
let elsewhere: ClusterEngine
beforeAll(async () => {
  folder = await temporaryFolder()
  const { clusters: [{ cluster }] } = await readAccountKubeconfig()
  way = await wayTo(cluster.server)
  const kubeconfig = join(folder.path, 'kubeconfig')
  await writeAccountKubeconfig(kubeconfig, { ...cluster, 'server': `https://127.0.0.1:${way.port}`, 'tls-server-name': 'kubernetes.default.svc' })
  test = await clusterEngine({ kubeconfig })
  elsewhere = await clusterEngine()
})
afterAll(async () => {
  way.open()
  await test.cleanup()
  await elsewhere.cleanup()
  await way.remove()
  await folder.remove()
}, 600_000)

describe('a location whose cluster cannot be asked for a minute', () => {
  it('says so, keeps what answers, calls the rest unknown, misses nothing, and disturbs no other location', async () => {
    const [stays, dies, other] = await Promise.all([test.database(), test.database(), elsewhere.database()])
    for (const spec of [stays, dies])
      await test.becomes(spec, { phase: 'ready' })
    const begun = test.spec()
    while ((await test.engine.ensure(begun)).outcome === 'continue');

    way.shut()
    const away = Date.now()
    await until(async () => await test.engine.check().then(() => false, () => true), { deadlineMs: 30_000, everyMs: 100, what: 'it is said' })
    await expect(test.engine.ensure(begun)).rejects.toMatchObject({ code: 'unavailable' })
    // Somebody takes a database away meanwhile: nobody answers, and nobody can say why.
    await test.api.merge(resources.cluster, { namespace: test.namespace, name: dies.name }, { metadata: { annotations: { 'cnpg.io/hibernation': 'on' } } }, { as: 'somebody' })
    await test.becomes(dies, { phase: 'unknown', reason: 'ClusterUnreachable' })
    expect(await test.observe(stays)).toMatchObject({ phase: 'ready' })
    expect((await test.engine.list()).map(({ ref }) => ref.id)).toEqual(expect.arrayContaining([stays.id, dies.id, begun.id]))
    expect(await elsewhere.observe(other)).toMatchObject({ phase: 'ready' })
    await elsewhere.engine.check()
    await test.api.delete(resources.cluster, { namespace: test.namespace, name: dies.name })
    await until(() => Date.now() - away > 60_000, { deadlineMs: 90_000, everyMs: 500 })

    way.open()
    await until(async () => await test.engine.check().then(() => true, () => false), { deadlineMs: 60_000, everyMs: 100, what: 'the location is back' })
    await until(async () => await test.engine.observe(dies) === undefined, { deadlineMs: 60_000, everyMs: 100, what: 'what went meanwhile is noticed' })
    expect(test.heard).toContainEqual({ kind: 'gone', ref: { id: dies.id, project: dies.project, name: dies.name } })
    expect(await test.settle(begun)).toEqual({ outcome: 'done' })
    expect(await test.observe(stays)).toMatchObject({ phase: 'ready' })
  })
})
