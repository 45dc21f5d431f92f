import type { DatabaseRef, UpgradeReport } from '@howdah/engine'
import type { Installation } from '../installation.ts'
import { parseReport } from '@howdah/postgres'
import { resources } from '../kubernetes/objects.ts'
import { archiveOf, namespaceOf, reportAnnotation } from '../names.ts'

/** What the last rehearsal found. Beside the archive, so that it outlives the Cluster. */
export async function readReport({ api, location }: Installation, ref: DatabaseRef): Promise<UpgradeReport | undefined> {
  const store = await api.get(resources.objectStore, { namespace: namespaceOf(location, ref.project), name: archiveOf(ref.id) })
  const text = store?.metadata.annotations?.[reportAnnotation]
  return text === undefined ? undefined : parseReport(text)
}

export async function writeReport({ api, location }: Installation, ref: DatabaseRef, report: UpgradeReport): Promise<void> {
  await api.merge(resources.objectStore, { namespace: namespaceOf(location, ref.project), name: archiveOf(ref.id) }, {
    metadata: { annotations: { [reportAnnotation]: JSON.stringify(report) } },
  })
}
