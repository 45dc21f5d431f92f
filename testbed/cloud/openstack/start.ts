/**
 * From an empty machine to a cloud with flavors and networks. Runs on the cloud's network, where its APIs are:
 * `nsenter --net … node start.ts`.
 */
import type { Daemon } from '../machine.ts'
import { connect } from 'node:net'
import { until } from '@howdah/testkit/until'
import { secret } from '../account.ts'
import { endpoints } from '../layout.ts'
import { inside, startDaemon } from '../machine.ts'
import { Steps } from '../steps.ts'
import { agentsAlive, cloudContent, identityContent } from './content.ts'
import { agents, apis, base, compute, keystone, libvirt } from './daemons.ts'
import { createDatabases, fillIdentity, fillOthers } from './databases.ts'
import { prepareRoot } from './prepare.ts'

const { step } = new Steps()

await step('network and configuration', async () => await prepareRoot(await secret()))
await step('database, message queue, cache', async () => {
  await startAll(base)
  for (const port of [3306, 5672, 11211])
    await listens(port)
})
await step('schemas, and keystone answers', async () => {
  await createDatabases(await secret())
  // The longest of the schemas is nova's; keystone can work meanwhile.
  await Promise.all([
    fillOthers(),
    fillIdentity(await secret()).then(async () => {
      await startDaemon(keystone)
      await answers(endpoints.identity)
      await identityContent()
    }),
  ])
})
await step('APIs answer', async () => {
  await startAll([...apis, libvirt])
  await listensInside('/run/libvirt/libvirt-sock')
  await startDaemon(compute)
  await answers(endpoints.network)
  await startAll(agents)
  for (const url of [endpoints.placement, endpoints.image, new URL('/', endpoints.compute).href])
    await answers(url)
})
await step('agents and hypervisor are alive', agentsAlive)
await step('flavors and the outside network', cloudContent)

async function startAll(some: readonly Daemon[]): Promise<void> {
  for (const daemon of some)
    await startDaemon(daemon)
}

async function listens(port: number): Promise<void> {
  await until(async () => await new Promise<boolean>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  }), { deadlineMs: 90_000, everyMs: 100, what: `something listens on port ${port}` })
}

async function listensInside(path: string): Promise<void> {
  await until(async () => await inside(['test', '-S', path]).then(() => true, () => false), { deadlineMs: 60_000, everyMs: 200, what: `${path} is there` })
}

/** 401 and 300 are answers too: who one is, and which version one wants, comes later. */
async function answers(url: string): Promise<void> {
  await until(async () => await fetch(url, { signal: AbortSignal.timeout(10_000) }).then(({ status }) => status < 500, () => false), { deadlineMs: 120_000, everyMs: 200, what: `${url} answers` })
}
