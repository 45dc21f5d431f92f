import type { DatabaseRef, RestorePoint } from '@howdah/engine'
import type { Present } from '@howdah/postgres'
import type { InPlaceRecord } from '../in-place/record.ts'
import type { Installation } from '../installation.ts'
import type { KubeObject } from '../kubernetes/objects.ts'
import { EngineError } from '@howdah/engine'
import { formatLsn, parseLsn } from '@howdah/postgres'
import { parseInPlace } from '../in-place/record.ts'
import { ApiError } from '../kubernetes/api.ts'
import { resources } from '../kubernetes/objects.ts'
import { archiveOf, endAnnotation, inPlaceAnnotation, namespaceOf, pointsAnnotation } from '../names.ts'

/** What of an archive stands in annotations of its ObjectStore, which outlives the Cluster. */
export interface ArchiveMemory {
  readonly resourceVersion: string
  /** In the order of their moments. */
  readonly points: readonly RestorePoint[]
  /** Everything up to here was archived before the server was stopped for good, or for long. */
  readonly end: Present | undefined
  readonly inPlace: InPlaceRecord
}

/** Undefined: there is no archive. */
export async function readMemory({ api, location }: Installation, ref: DatabaseRef): Promise<ArchiveMemory | undefined> {
  const store = await api.get<KubeObject>(resources.objectStore, { namespace: namespaceOf(location, ref.project), name: archiveOf(ref.id) })
  if (!store)
    return undefined
  const { annotations = {}, resourceVersion = '' } = store.metadata
  const points = JSON.parse(annotations[pointsAnnotation] ?? '[]') as (Omit<RestorePoint, 'at'> & { at: string })[] // our own annotations
  const end = JSON.parse(annotations[endAnnotation] ?? 'null') as { at: string, lsn: string } | null
  return {
    resourceVersion,
    points: points.map(point => ({ ...point, at: new Date(point.at) })),
    end: end ? { at: new Date(end.at), lsn: parseLsn(end.lsn) ?? 0n } : undefined,
    inPlace: parseInPlace(annotations[inPlaceAnnotation]),
  }
}

export async function rememberEnd({ api, location }: Installation, ref: DatabaseRef, { at, lsn }: Present): Promise<void> {
  await api.merge(resources.objectStore, { namespace: namespaceOf(location, ref.project), name: archiveOf(ref.id) }, {
    metadata: { annotations: { [endAnnotation]: JSON.stringify({ at, lsn: formatLsn(lsn) }) } },
  })
}

/** Only if nobody else wrote since it was read: of two who make a restore point, the second one looks again. */
export async function rememberPoints({ api, location }: Installation, ref: DatabaseRef, { resourceVersion }: ArchiveMemory, points: readonly RestorePoint[]): Promise<void> {
  try {
    await api.merge(resources.objectStore, { namespace: namespaceOf(location, ref.project), name: archiveOf(ref.id) }, {
      metadata: { resourceVersion, annotations: { [pointsAnnotation]: JSON.stringify(points) } },
    })
  }
  catch (error) {
    if (error instanceof ApiError && error.status === 409)
      throw new EngineError('unavailable', 'Somebody else changed the restore points at the same time; try again.', { cause: error })
    throw error
  }
}
