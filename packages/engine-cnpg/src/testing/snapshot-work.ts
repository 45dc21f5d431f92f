import type { DatabaseRef, DatabaseSpec } from '@howdah/engine'
import type { KubeObject } from '../kubernetes/objects.ts'
import type { ClusterEngine } from './cluster-engine.ts'
import { until } from '@howdah/testkit'
import { resources } from '../kubernetes/objects.ts'
import { inPlaceWork } from './in-place-work.ts'

/** Settings of a location whose volumes can be snapshotted. Both classes are the test cluster's, and of one driver. */
export const snapshotClasses = { storageClass: 'csi', volumeSnapshotClass: 'csi' }

/** What tests do with snapshots of volumes. */
export interface SnapshotWork {
  /** A database with the row 1. */
  readonly withRow: (change?: Partial<DatabaseSpec>) => Promise<DatabaseSpec>
  readonly startOf: (spec: DatabaseSpec) => Promise<unknown>
  readonly snapshots: () => Promise<readonly KubeObject[]>
  readonly untilNoSnapshots: (deadlineMs: number) => Promise<void>
  /** Name of the snapshot that its first volume was made from. */
  readonly volumeSourceOf: (ref: DatabaseRef) => Promise<string | undefined>
}

export function snapshotWork(test: ClusterEngine): SnapshotWork {
  const { write } = inPlaceWork(test)
  const snapshots = async (): Promise<readonly KubeObject[]> => await test.api.list(resources.volumeSnapshot, { namespace: test.namespace })
  return {
    withRow: async (change) => {
      const spec = await test.database(change)
      await write(spec, 'create table rows (n int); insert into rows values (1)')
      return spec
    },

    startOf: async (spec) => {
      const session = await test.connect(spec)
      const [row] = await session.query('select pg_postmaster_start_time() as at')
      await session.close()
      return row?.at
    },

    snapshots,

    untilNoSnapshots: async (deadlineMs) => {
      await until(async () => (await snapshots()).length === 0, { deadlineMs, everyMs: 500, what: 'the snapshots are gone' })
    },

    volumeSourceOf: async ({ name }) => {
      const claim = await test.api.get<KubeObject & { readonly spec?: { readonly dataSource?: { readonly name?: string } } }>(resources.volumeClaim, { namespace: test.namespace, name: `${name}-1` })
      return claim?.spec?.dataSource?.name
    },
  }
}
