import type { DatabaseRef, DatabaseSpec, Engine, Progress, RestoreOrder, RestoreTarget, UpgradeOrder } from '@howdah/engine'
import type { Bucket } from '../bucket.ts'
import type { ClusterEngine } from './cluster-engine.ts'
import { randomUUID } from 'node:crypto'
import { openBucket } from '@howdah/engine-local'
import { until } from '@howdah/testkit'
import { inject } from 'vitest'
import { resources } from '../kubernetes/objects.ts'
import { asked, ended } from './ended.ts'

/** What tests do with databases that become other than they are. */
export interface InPlaceWork {
  /** Ask until it has ended. `anew`: each step is made by a control plane that has just started and knows nothing of the one before. */
  readonly ended: (step: (engine: Engine) => Promise<Progress>, who?: 'test' | 'anew') => Promise<Progress>
  /** Restore until the Cluster of before is gone, and no further. */
  readonly untilGone: (spec: DatabaseSpec, order: RestoreOrder) => Promise<void>
  /** Upgrade until the operator has begun it, and no further. */
  readonly untilJobRuns: (spec: DatabaseSpec, order: UpgradeOrder) => Promise<void>
  readonly bucketOf: () => Promise<Bucket>
  /** A database that begins as the source was. */
  readonly restored: (source: DatabaseSpec, target: RestoreTarget) => Promise<DatabaseSpec>
  readonly write: (spec: DatabaseSpec, statement: string) => Promise<void>
  /** A moment that is surely after everything before, and before everything after. */
  readonly momentOf: (spec: DatabaseSpec) => Promise<Date>
  readonly rowsOf: (spec: DatabaseSpec) => Promise<number[]>
}

/** That can be undone for an hour. */
export function orderOf({ id }: DatabaseRef, target: RestoreTarget): RestoreOrder {
  return { id: randomUUID(), from: { id, target }, undoUntil: new Date(Date.now() + 3_600_000) }
}

export function inPlaceWork(test: ClusterEngine): InPlaceWork {
  async function anew(step: (engine: Engine) => Promise<Progress>): Promise<Progress> {
    const engine = test.createEngine()
    await engine.open()
    try {
      return await step(engine)
    }
    finally {
      await engine.close()
    }
  }

  return {
    ended: async (step, who = 'test') => await ended(async () => await (who === 'anew' ? anew(step) : step(test.engine)), { deadlineMs: 600_000 }),

    untilGone: async (spec, order) => {
      await until(async () => {
        await asked(async () => await test.engine.restore(spec, order))
        return await test.api.get(resources.cluster, { namespace: test.namespace, name: spec.name }) === undefined
      }, { deadlineMs: 120_000, what: 'its Cluster is gone' })
    },

    untilJobRuns: async (spec, order) => {
      await until(async () => {
        await asked(async () => await test.engine.upgrade(spec, order))
        return (await test.api.list(resources.pod, { namespace: test.namespace, labels: `cnpg.io/cluster=${spec.name},cnpg.io/jobRole=major-upgrade` })).length > 0
      }, { deadlineMs: 300_000, everyMs: 250, what: 'pg_upgrade runs' })
    },

    bucketOf: async () => {
      const { s3 } = inject('cluster')
      return await openBucket({ url: `s3://backups/${test.namespacePrefix}?endpoint=${s3?.endpoint}`, accessKeyId: s3?.accessKeyId ?? '', secretAccessKey: s3?.secretAccessKey ?? '' })
    },

    restored: async ({ id, version }, target) => await test.database({ version, from: { id, target } }),

    write: async (spec, statement) => {
      const session = await test.connect(spec)
      await session.query(statement)
      await session.close()
    },

    momentOf: async (spec) => {
      const session = await test.connect(spec)
      const [row] = await session.query('select pg_sleep(0.01), clock_timestamp() as at, pg_sleep(0.01)')
      await session.close()
      return row?.at as Date
    },

    rowsOf: async (spec) => {
      const session = await test.connect(spec)
      const rows = await session.query('select n from rows order by n')
      await session.close()
      return rows.map(({ n }) => Number(n))
    },
  }
}
