/** Databases that are reached from outside of the cluster, through a load balancer: this test is what makes load balancers. */
import type { DatabaseSpec } from '@howdah/engine'
import type { ClusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import type { Outsider } from '../../../testbed/cluster/outsider.ts'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder, until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { resources } from '../../../packages/engine-cnpg/src/kubernetes/objects.ts'
import { clusterEngine } from '../../../packages/engine-cnpg/src/testing/cluster-engine.ts'
import { outsider } from '../../../testbed/cluster/outsider.ts'
import { psql } from '../../../tools/needs/postgresql-clients.ts'

/** For documentation (RFC 5737): nobody has them. */
const [first, second] = ['203.0.113.7', '203.0.113.8'] as const

describe.runIf(inject('cluster').isOurs)('a location with a domain', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let outside: Outsider
  let test: ClusterEngine
  let spec: DatabaseSpec
  beforeAll(async () => {
    folder = await temporaryFolder()
    outside = await outsider()
    test = await clusterEngine({ domain: 'db.example.org' })
    spec = test.spec()
  })
  afterAll(async () => {
    await test.cleanup()
    await outside.remove()
    await folder.remove()
  }, 600_000)

  it('does not call a database ready before its load balancer has an address, and says what it waits for', async () => {
    const { message } = await until(async () => {
      const progress = await test.engine.ensure(spec)
      return progress.outcome === 'done' ? progress : (await test.engine.observe(spec))?.reason === 'AddressPending' && await test.observe(spec)
    }, { deadlineMs: 240_000, everyMs: 250, what: 'it waits for its address' }) as { message: string }
    expect(message).toContain(`"${spec.name}-external"`)
    expect(await test.observe(spec)).toMatchObject({ phase: 'provisioning', endpoint: { host: `${spec.name}.tests.db.example.org`, port: 5432 } })
    expect(await test.engine.ensure(spec)).toMatchObject({ outcome: 'wait', step: 'login', reason: expect.stringContaining('address') })
    expect(test.storyOf(spec)).not.toContain('ready')
  })

  it('gives users a name and a port, and a login from outside through the address proves them, the certificate checked in full', async () => {
    await balance(first, 'node-1')
    expect(await test.settle(spec)).toEqual({ outcome: 'done' })
    expect(await test.becomes(spec, { phase: 'ready' })).toMatchObject({ endpoint: { host: `${spec.name}.tests.db.example.org`, port: 5432, caCertificate: expect.stringContaining('BEGIN CERTIFICATE') } })
    expect(await ask(first)).toBe('42')
    // The name is what is checked, and no other one.
    await expect(ask(first, { PGHOST: 'another.tests.db.example.org' })).rejects.toThrow(/does not match host name/)
  })

  it('is reached through whichever node the address leads to', async () => {
    await outside.bring(first, 'node-2')
    expect(await ask(first)).toBe('42')
  })

  it('follows a load balancer that is given another address, and says that there is none in between', async () => {
    await balance(undefined)
    await test.becomes(spec, { phase: 'failed', reason: 'AddressPending' })
    await balance(second, 'node-3')
    await test.becomes(spec, { phase: 'ready' })
    expect(await ask(second)).toBe('42')
    await expect(ask(first)).rejects.toThrow(/timeout|refused|unreachable/i)
  })

  it('that is opened again finds databases where they are', async () => {
    const next = test.createEngine({ domain: 'db.example.org' })
    await next.open()
    await until(async () => (await next.observe(spec))?.phase === 'ready', { deadlineMs: 30_000, everyMs: 50, what: 'it is ready' })
    await next.close()
  })

  it('gives a name to what it had before it had a domain, with the next change', async () => {
    const before = test.createEngine()
    await before.open()
    const old = test.spec()
    await until(async () => (await before.ensure(old)).outcome === 'done', { deadlineMs: 240_000, everyMs: 250, what: 'it is made' })
    await before.close()
    expect(await test.becomes(old, { phase: 'ready' })).toMatchObject({ endpoint: { host: `${old.name}-rw.${test.namespace}.svc` } })
    const changed = { ...old, generation: 2 }
    const settled = test.settle(changed)
    await until(async () => await test.api.get(resources.service, { namespace: test.namespace, name: `${old.name}-external` }), { deadlineMs: 60_000, everyMs: 100, what: 'it has a load balancer' })
    await balance(first, 'node-1', old)
    expect(await settled).toEqual({ outcome: 'done' })
    await test.becomes(old, { phase: 'ready' })
    expect(await ask(first, {}, old)).toBe('42')
  })

  /** As what makes load balancers does it: the address leads to a node, and stands in the Service. */
  async function balance(address: string | undefined, node = 'node-1', of = spec): Promise<void> {
    if (address !== undefined)
      await outside.bring(address, node)
    await test.api.merge(resources.service, { namespace: test.namespace, name: `${of.name}-external`, subresource: 'status' }, {
      status: { loadBalancer: { ingress: address === undefined ? null : [{ ip: address }] } },
    }, { as: 'cloud-controller-manager' })
  }

  /** As somebody outside asks who has what the API gives him. */
  async function ask(address: string, env: Readonly<Record<string, string>> = {}, of = spec): Promise<string> {
    const { endpoint } = await test.observe(of)
    const certificate = join(folder.path, `${of.name}.crt`)
    await writeFile(certificate, endpoint?.caCertificate ?? '')
    const answer = await outside.run(await psql(), ['--no-psqlrc', '--tuples-only', '--no-align', '--command', 'select 40 + 2'], {
      PGHOST: endpoint?.host ?? '',
      // Who keeps names in the DNS is not there.
      PGHOSTADDR: address,
      PGPORT: String(endpoint?.port),
      PGUSER: of.owner.user,
      PGPASSWORD: of.owner.password,
      PGDATABASE: of.database,
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: certificate,
      PGCONNECT_TIMEOUT: '5',
      ...env,
    })
    return answer.trim()
  }
})
