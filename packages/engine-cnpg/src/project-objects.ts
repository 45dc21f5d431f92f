import type { Fleet } from './fleet.ts'
import type { Installation } from './installation.ts'
import { ApiError } from './kubernetes/api.ts'
import { resources } from './kubernetes/objects.ts'
import { networkPolicyManifests } from './manifests/network-policies.ts'
import { podMonitorManifest } from './manifests/pod-monitor.ts'
import { resourceQuotaManifest } from './manifests/resource-quota.ts'
import { namespaceOf } from './names.ts'

/** What all databases of a project share in its namespace. */
export async function applyProjectObjects(installation: Installation, project: string): Promise<void> {
  const { api, location } = installation
  await Promise.all([
    applyNetworkPolicies(installation, project),
    location.quota && api.apply(resources.resourceQuota, resourceQuotaManifest(namespaceOf(location, project), location.quota)),
    applyPodMonitor(installation, project),
  ])
}

/** Bring what Prometheus needs to the projects that were there before the setting. `done`: those that have it. */
export async function sweepPodMonitors(installation: Installation, fleet: Fleet, done: Set<string>): Promise<void> {
  if (!installation.location.podMonitor)
    return
  for (const project of new Set(fleet.all().filter(db => db.cluster.isOurs).map(({ ref }) => ref.project))) {
    if (done.has(project))
      continue
    await applyNetworkPolicies(installation, project)
    await applyPodMonitor(installation, project)
    done.add(project)
  }
}

async function applyNetworkPolicies({ api, bucket, location }: Installation, project: string): Promise<void> {
  for (const policy of networkPolicyManifests(namespaceOf(location, project), location.operatorNamespace, bucket?.settings, location.podMonitor?.namespace))
    await api.apply(resources.networkPolicy, policy)
}

async function applyPodMonitor({ api, location, log }: Installation, project: string): Promise<void> {
  if (!location.podMonitor)
    return
  try {
    await api.apply(resources.podMonitor, podMonitorManifest(location, project))
  }
  catch (error) {
    // Nobody goes without a database because Prometheus is not there, or may not be told.
    if (!(error instanceof ApiError) || ![403, 404].includes(error.status))
      throw error
    log.warn({ err: error, project }, 'the databases of a project have no PodMonitor: the cluster does not know it, or the account may not make it')
  }
}
