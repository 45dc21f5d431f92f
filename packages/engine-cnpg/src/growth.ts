import type { DatabaseSpec, Refusal } from '@howdah/engine'
import type { Database } from './database.ts'
import type { KubeApi } from './kubernetes/api.ts'
import type { KubeObject } from './kubernetes/objects.ts'
import type { VolumeClaimObject } from './storage-events.ts'
import { resources } from './kubernetes/objects.ts'
import { idLabel } from './names.ts'
import { amountOf } from './quota.ts'

/** As much of a database as is looked at here. */
type Grown = Pick<Database, 'cluster' | 'namespace' | 'ref'>
type StorageClass = KubeObject & { readonly allowVolumeExpansion?: boolean }

/** Why the volumes of a database cannot become this large; undefined: they can, or are. */
export async function refusalToGrow(api: KubeApi, db: Grown, storageGib: number): Promise<string | undefined> {
  const applied = db.cluster.state.spec?.storageGib ?? storageGib
  if (applied >= storageGib)
    return undefined
  const names = new Set((await smallVolumes(api, db, storageGib)).map(({ spec }) => spec?.storageClassName ?? ''))
  for (const name of names) {
    const storageClass = name === '' ? undefined : await api.get<StorageClass>(resources.storageClass, { name })
    // The API would refuse it to the operator, who tells nobody.
    if (storageClass?.allowVolumeExpansion !== true)
      return `The storage class "${name}" cannot enlarge volumes; it stays at ${applied} GiB.`
  }
  return undefined
}

/** The same of a spec. */
export async function refusalsToGrow(api: KubeApi, db: Grown, { storageGib }: Pick<DatabaseSpec, 'storageGib'>): Promise<Refusal[]> {
  const detail = await refusalToGrow(api, db, storageGib)
  return detail === undefined ? [] : [{ pointer: '/storageGib', detail }]
}

/** The operator asks for larger volumes; whoever makes them says when they are. */
export async function notYetGrown(api: KubeApi, db: Grown, storageGib: number): Promise<string | undefined> {
  if ((db.cluster.state.spec?.storageGib ?? storageGib) === storageGib)
    return undefined
  const small = await smallVolumes(api, db, storageGib)
  const said = small.flatMap(({ status }) => status?.conditions ?? []).filter(({ message, status }) => status === 'True' && message !== undefined && message !== '')
  return small.length === 0
    ? undefined
    : [`${small.map(({ metadata }) => metadata.name).join(', ')} is being enlarged.`, ...new Set(said.map(({ message }) => message))].join(' ')
}

/** With a volume that is full the operator does nothing more for a Cluster, also not what would help: so it is done in its place. */
export async function askForMore(api: KubeApi, db: Grown, storageGib: number): Promise<void> {
  for (const { metadata: { name, uid }, spec } of await smallVolumes(api, db, storageGib)) {
    if (amountOf(spec?.resources?.requests?.storage ?? '0') < storageGib * 2 ** 30)
      await api.merge(resources.volumeClaim, { namespace: db.namespace, name }, { metadata: { uid }, spec: { resources: { requests: { storage: `${storageGib}Gi` } } } })
  }
}

/** Volumes of more than was asked for are what some storage makes of it. */
async function smallVolumes(api: KubeApi, { namespace, ref }: Grown, storageGib: number): Promise<readonly VolumeClaimObject[]> {
  const volumes = await api.list<VolumeClaimObject>(resources.volumeClaim, { namespace, labels: `${idLabel}=${ref.id}` })
  return volumes.filter(({ status }) => amountOf(status?.capacity?.storage ?? '0') < storageGib * 2 ** 30)
}
