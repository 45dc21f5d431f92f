import type { Manifest } from '../kubernetes/objects.ts'
import type { Location } from '../location.ts'
import { clusterLabel, idLabel, managedBy, managedByLabel, namespaceOf, projectLabel } from '../names.ts'

/**
 * Has Prometheus read the metrics of all databases of a project. One for the namespace, not for each database: every PodMonitor is a
 * job of its own, which goes through all pods of the namespace, and a database comes and goes with its pods anyway.
 */
export function podMonitorManifest(location: Location, project: string): Manifest & { readonly spec: object } {
  const { interval, labels } = location.podMonitor ?? { labels: {}, interval: undefined }
  const named = (label: string, targetLabel: string): object => ({ sourceLabels: [`__meta_kubernetes_pod_label_${label.replaceAll(/\W/g, '_')}`], targetLabel })
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: {
      name: 'howdah-databases',
      namespace: namespaceOf(location, project),
      labels: { ...labels, [managedByLabel]: managedBy },
    },
    spec: {
      // What Git owns and what a drill restores into has no id of ours.
      selector: {
        matchLabels: { 'cnpg.io/podRole': 'instance' },
        matchExpressions: [{ key: idLabel, operator: 'Exists' }],
      },
      podMetricsEndpoints: [{
        port: 'metrics',
        ...interval === undefined ? {} : { interval },
        // Names that no metric of the operator has itself.
        relabelings: [named(projectLabel, 'howdah_project'), named(clusterLabel, 'howdah_database'), named(idLabel, 'howdah_id')],
      }],
    },
  }
}
