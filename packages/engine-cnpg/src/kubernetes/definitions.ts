import type { KubeApi } from './api.ts'
import type { Resource } from './objects.ts'
import { ApiError } from './api.ts'

/** Kinds that come to a cluster with what somebody installs there: who knows them, and what to do where they are not known. */
const brought: readonly { readonly apiVersion: string, readonly hint: string }[] = [
  {
    apiVersion: 'postgresql.cnpg.io/v1',
    hint: 'CloudNativePG is not installed there, so the cluster does not know what a Cluster is. Install its operator, 1.30 or newer; nothing has to be restarted here.',
  },
  {
    apiVersion: 'barmancloud.cnpg.io/v1',
    hint: 'The settings of the location name a bucket for backups, and the plugin barman-cloud is not installed there, so the cluster does not know what an ObjectStore is. Install it beside the operator; nothing has to be restarted here.',
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    hint: 'The settings of the location name a gateway, and the cluster does not know what a TLSRoute is. Install the definitions of the Gateway API, with TLSRoute in version v1; nothing has to be restarted here.',
  },
  {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    hint: 'The settings of the location name a VolumeSnapshotClass, and the cluster does not know what a VolumeSnapshot is. Install the definitions and the controller of the external snapshotter, then restart the operator, which looks for them when it starts; nothing has to be restarted here.',
  },
]

/** What to say where the API does not know the kind that it was asked for; undefined: it said something else. */
export function missingIn(error: unknown): string | undefined {
  return error instanceof ApiError && error.isKindUnknown
    ? brought.find(({ apiVersion }) => error.path.startsWith(`/apis/${apiVersion}/`))?.hint
    : undefined
}

/** Ask whether the API knows a kind. Answers what to say where it does not. */
export async function findMissing(api: Pick<KubeApi, 'json'>, { apiVersion, plural }: Resource): Promise<string | undefined> {
  try {
    const { resources } = await api.json<{ resources: { name: string }[] }>(`/apis/${apiVersion}`)
    if (resources.some(({ name }) => name === plural))
      return undefined
  }
  catch (error) {
    if (!(error instanceof ApiError))
      throw error
    // Whoever may not ask finds out when he uses it.
    if (error.status !== 404)
      return undefined
  }
  return brought.find(kind => kind.apiVersion === apiVersion)?.hint
}
