/** kill -9 of a control plane around everything that it changes in the cluster. Whoever comes next ends where it would have ended. */
import type { DatabaseSpec } from '@howdah/engine'
import type { KubeObject } from './kubernetes/objects.ts'
import type { ClusterEngine } from './testing/cluster-engine.ts'
import { randomUUID } from 'node:crypto'
import { openBucket } from '@howdah/engine-local'
import { until } from '@howdah/testkit'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { resources } from './kubernetes/objects.ts'
import { backupLabel, idLabel } from './names.ts'
import { clusterEngine } from './testing/cluster-engine.ts'
import { isThereOnce } from './testing/is-there-once.ts'
import { killAtEach } from './testing/killed.ts'

const { s3 } = inject('cluster')
const deadlineMs = 1_800_000
const kinds = [resources.cluster, resources.pod, resources.volumeClaim, resources.service, resources.secret, resources.backup] as const

let test: ClusterEngine
beforeAll(async () => {
  test = await clusterEngine()
})
afterAll(async () => await test.cleanup(), 600_000)

describe('kill -9 of the control plane around each of its effects', () => {
  it('of making a database: it is there once, and its owner logs in', async () => {
    await killAtEach(test, {
      atATime: 3,
      begin: async () => ({ spec: test.spec({ extensions: ['pgcrypto'] }) }),
      holds: async ({ spec }) => {
        await test.becomes(spec, { phase: 'ready' })
        expect(await test.observe(spec)).toMatchObject({ generation: 1 })
        expect(await ask(spec, 'select count(*)::int as n from pg_extension where extname = \'pgcrypto\'')).toEqual([{ n: 1 }])
        await isThereOnce(test, spec)
        await gone(spec)
      },
    })
  }, deadlineMs)

  it('of deleting one: nothing of it is left', async () => {
    await killAtEach(test, {
      atATime: 3,
      begin: async () => ({ spec: await test.database(), destroy: true }),
      holds: async ({ spec }) => await nothingIsLeft(spec),
    })
  }, deadlineMs)

  describe('of changing one', () => {
    let spec: DatabaseSpec
    let count = 0
    beforeAll(async () => {
      spec = await test.database()
      await ask(spec, 'create table kept as select 42 as answer')
    })

    /** The next one that is asked for. */
    function next(change: (count: number) => Partial<DatabaseSpec>): DatabaseSpec {
      count++
      spec = { ...spec, generation: spec.generation + 1, ...change(count) }
      return spec
    }

    async function inEffect(of: DatabaseSpec): Promise<void> {
      await test.becomes(of, { phase: of.hibernated ? 'hibernated' : 'ready' })
      // Each control plane proves the login for itself.
      expect((await test.engine.plan(of)).steps.filter(step => step !== 'login')).toEqual([])
      expect(await test.settle(of)).toEqual({ outcome: 'done' })
      expect(await test.engine.plan(of)).toMatchObject({ steps: [], refusals: [] })
      expect(await test.observe(of)).toMatchObject({ generation: of.generation })
      await isThereOnce(test, of)
      if (!of.hibernated)
        expect(await ask(of, 'select answer from kept')).toEqual([{ answer: 42 }])
    }

    it('its settings and extensions: all of them are in effect', async () => {
      await killAtEach(test, {
        begin: async () => ({ spec: next(n => ({ parameters: { work_mem: `${4 + n}MB`, max_connections: String(40 + n) }, extensions: n % 2 === 0 ? ['pgcrypto'] : ['cube', 'citext'] })) }),
        holds: async ({ spec }) => {
          await inEffect(spec)
          expect(await ask(spec, 'select current_setting(\'max_connections\') as connections, array(select extname::text from pg_extension where extname <> \'plpgsql\' order by 1) as extensions'))
            .toEqual([{ connections: spec.parameters.max_connections, extensions: [...spec.extensions].sort() }])
        },
      })
    }, deadlineMs)

    it('by a restart: its pod is another one, and was made once', async () => {
      let before: string[] = []
      await killAtEach(test, {
        begin: async () => {
          before = await podsMade(spec)
          return { spec: next(() => ({ restartToken: randomUUID() })) }
        },
        holds: async ({ spec }) => {
          await inEffect(spec)
          const after = await podsMade(spec)
          expect(after).toHaveLength(1)
          expect(after).not.toEqual(before)
          expect((await restartsOf(spec)), 'the container of that pod was not restarted').toEqual([0])
        },
      })
    }, deadlineMs)

    it('its password: the new one is good, and the old one is not', async () => {
      let old: DatabaseSpec
      await killAtEach(test, {
        begin: async () => {
          old = spec
          return { spec: next(() => ({ owner: { ...spec.owner, password: `p-${randomUUID()}` } })) }
        },
        holds: async ({ spec }) => {
          await inEffect(spec)
          await expect(ask(old, 'select 1')).rejects.toMatchObject({ code: '28P01' })
        },
      })
    }, deadlineMs)

    it('to sleep and back: it is as it was', async () => {
      await killAtEach(test, {
        begin: async () => ({ spec: next(() => ({ hibernated: !spec.hibernated })) }),
        holds: async ({ spec }) => await inEffect(spec),
      })
      // An even number of times, whatever was asked before.
      if (spec.hibernated)
        expect(await test.settle(next(() => ({ hibernated: false })))).toEqual({ outcome: 'done' })
    }, deadlineMs)

    it.runIf(s3)('by a backup: there is one of its id, and it can be restored', async () => {
      const taken: string[] = []
      await killAtEach(test, {
        begin: async () => ({ spec, backup: randomUUID() }),
        holds: async ({ backup = '', spec }) => {
          taken.push(backup)
          expect((await test.engine.backups(spec)).map(({ id }) => id).sort()).toEqual([...taken].sort())
          expect(await test.api.list(resources.backup, { namespace: test.namespace, labels: `${backupLabel}=${backup}` })).toHaveLength(1)
        },
      })
    }, deadlineMs)

    it.runIf(s3)('of a new one made from it, by a copy or from the archive: it has the rows, and is there once', async () => {
      const [backup] = await test.engine.backups(spec)
      let isCopy = false
      await killAtEach(test, {
        atATime: 2,
        begin: async () => {
          isCopy = !isCopy
          return { spec: test.spec({ from: { id: spec.id, target: isCopy ? { kind: 'latest' } : { kind: 'backup', backup: backup?.id ?? '' } } }) }
        },
        holds: async ({ spec: copy }) => {
          await test.becomes(copy, { phase: 'ready' })
          expect(await ask(copy, 'select answer from kept')).toEqual([{ answer: 42 }])
          await isThereOnce(test, copy)
          await gone(copy)
        },
      })
    }, deadlineMs)

    it('its number of instances, and who of them is the primary', async () => {
      await killAtEach(test, {
        begin: async () => ({ spec: next(() => ({ instances: spec.instances === 1 ? 2 : 1 })) }),
        holds: async ({ spec }) => {
          await inEffect(spec)
          expect((await test.observe(spec)).members).toHaveLength(spec.instances)
        },
      })
      if (spec.instances === 1)
        expect(await test.settle(next(() => ({ instances: 2 })))).toEqual({ outcome: 'done' })
      await test.becomes(spec, { phase: 'ready' })
      await killAtEach(test, {
        begin: async () => {
          await test.becomes(spec, { phase: 'ready' })
          test.heard.length = 0
          return { spec, switchover: randomUUID() }
        },
        holds: async ({ spec, switchover = '' }) => {
          await test.becomes(spec, { phase: 'ready' })
          expect(await test.engine.switchOver(spec, { id: switchover })).toEqual({ outcome: 'done' })
          expect(test.storyOf(spec).filter(word => word === 'switchover' || word === 'failover')).toEqual(['switchover'])
          await inEffect(spec)
        },
      })
    }, 2 * deadlineMs)
  })
})

async function ask(spec: DatabaseSpec, text: string): Promise<Record<string, unknown>[]> {
  const session = await test.connect(spec)
  try {
    return await session.query(text)
  }
  finally {
    await session.close()
  }
}

async function objectsOf(kind: typeof kinds[number], { id }: DatabaseSpec): Promise<readonly KubeObject[]> {
  return await test.api.list(kind, { namespace: test.namespace, labels: `${idLabel}=${id}` })
}

async function podsMade(spec: DatabaseSpec): Promise<string[]> {
  return (await test.api.list(resources.pod, { namespace: test.namespace, labels: `cnpg.io/cluster=${spec.name},cnpg.io/podRole=instance` })).map(({ metadata }) => metadata.uid ?? '')
}

async function restartsOf(spec: DatabaseSpec): Promise<(number | undefined)[]> {
  const pods = await test.api.list<KubeObject & { readonly status?: { readonly containerStatuses?: readonly { readonly name: string, readonly restartCount: number }[] } }>(resources.pod, { namespace: test.namespace, labels: `cnpg.io/cluster=${spec.name},cnpg.io/podRole=instance` })
  return pods.map(({ status }) => status?.containerStatuses?.find(({ name }) => name === 'postgres')?.restartCount)
}

async function gone(spec: DatabaseSpec): Promise<void> {
  await until(async () => (await test.engine.destroy(spec)).outcome === 'done', { deadlineMs: 300_000, everyMs: 250, what: `${spec.name} is gone` })
}

async function nothingIsLeft(spec: DatabaseSpec): Promise<void> {
  expect(await test.engine.observe(spec)).toBeUndefined()
  // The operator's go with their Cluster, a moment later.
  for (const kind of kinds)
    await until(async () => (await objectsOf(kind, spec)).length === 0, { deadlineMs: 60_000, everyMs: 250, what: `no ${kind.plural} are left` })
  expect(await test.api.get(resources.objectStore, { namespace: test.namespace, name: `archive-${spec.id}` })).toBeUndefined()
  if (s3) {
    const bucket = await openBucket({ url: `s3://backups/${test.namespacePrefix}?endpoint=${s3.endpoint}`, accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey })
    expect((await bucket.list(`${spec.id}/`)).map(({ key }) => key)).toEqual([])
  }
}
