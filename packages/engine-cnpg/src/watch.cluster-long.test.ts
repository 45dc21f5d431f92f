/** A watch that the API ends because what it began from is gone, before the real API. */
import type { ClusterEngine } from './testing/cluster-engine.ts'
import type { GoneProxy } from './testing/gone-proxy.ts'
import { join } from 'node:path'
import { temporaryFolder, until } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { resources } from './kubernetes/objects.ts'
import { clusterEngine } from './testing/cluster-engine.ts'
import { goneProxy } from './testing/gone-proxy.ts'
import { readAccountKubeconfig, writeAccountKubeconfig } from './testing/kubeconfig-of-account.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let proxy: GoneProxy
let test: ClusterEngine
beforeAll(async () => {
  folder = await temporaryFolder()
  proxy = await goneProxy(await readAccountKubeconfig())
  const kubeconfig = join(folder.path, 'kubeconfig')
  await writeAccountKubeconfig(kubeconfig, { server: proxy.url })
  test = await clusterEngine({ kubeconfig })
})
afterAll(async () => {
  await test.cleanup()
  await proxy.remove()
  await folder.remove()
}, 600_000)

it('what happened before a watch was closed with 410 is seen after it, long before the next resync', async () => {
  const [stays, goes] = [test.spec(), test.spec()]
  for (const spec of [stays, goes])
    await until(async () => (await test.engine.ensure(spec)).outcome !== 'continue', { deadlineMs: 30_000, what: 'it is begun' })
  await until(async () => await test.engine.observe(goes), { deadlineMs: 30_000, what: 'both are seen' })

  proxy.withhold()
  const place = { namespace: test.namespace, name: goes.name }
  await test.api.delete(resources.cluster, place, { propagation: 'Foreground' })
  await until(async () => await test.api.get(resources.cluster, place) === undefined, { deadlineMs: 120_000, everyMs: 250, what: 'one is gone from the cluster' })
  expect(await test.engine.observe(goes)).toBeDefined()

  proxy.expire()
  await until(async () => await test.engine.observe(goes) === undefined, { deadlineMs: 60_000, what: 'it is noticed' })
  expect(test.heard).toContainEqual({ kind: 'gone', ref: { id: goes.id, project: goes.project, name: goes.name } })
  expect(await test.engine.observe(stays)).toBeDefined()
  await test.engine.check()
  // And what happens from now on is heard again.
  await test.api.delete(resources.cluster, { namespace: test.namespace, name: stays.name })
  await until(async () => await test.engine.observe(stays) === undefined, { deadlineMs: 120_000, what: 'the new watch tells' })
})
