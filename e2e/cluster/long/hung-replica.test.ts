/** A server that neither works nor ends. */
import type { ClusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { clusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { kubectl } from '../kubectl.ts'

let test: ClusterEngine
beforeAll(async () => {
  test = await clusterEngine()
})
afterAll(async () => await test.cleanup(), 600_000)

it('a replica that hangs is told, and made again with its volume, which the operator would not do', async () => {
  const spec = await test.database({ instances: 2 })
  await test.becomes(spec, { phase: 'ready' })
  const replica = (await test.observe(spec)).members.find(({ role }) => role === 'replica')?.name ?? ''
  const pod = await inNamespace('get', 'pod', replica, '--output', 'jsonpath={.metadata.uid}')
  const volume = await volumeOf(replica)

  await inNamespace('exec', replica, '--container', 'postgres', '--', 'sh', '-c', 'kill -STOP "$(head -n 1 /var/lib/postgresql/data/pgdata/postmaster.pid)"')
  await test.becomes(spec, { phase: 'degraded', reason: 'InstanceMissing' })
  await test.becomes(spec, { phase: 'ready' }, 240_000)
  expect(await inNamespace('get', 'pod', replica, '--output', 'jsonpath={.metadata.uid}')).not.toBe(pod)
  expect(await volumeOf(replica)).toBe(volume)
})

async function volumeOf(instance: string): Promise<string> {
  return await inNamespace('get', 'persistentvolumeclaim', instance, '--output', 'jsonpath={.metadata.uid}')
}

async function inNamespace(...args: string[]): Promise<string> {
  return await kubectl('--namespace', test.namespace, ...args)
}
