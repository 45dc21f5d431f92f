import type { Manifest } from '../kubernetes/objects.ts'
import type { Location } from '../location.ts'
import { installationLabel, managedBy, managedByLabel, namespaceOf, projectLabel } from '../names.ts'

/** The place of a project's databases. Pods in it run without privileges, or not at all. */
export function namespaceManifest(location: Pick<Location, 'installation' | 'namespacePrefix'>, project: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespaceOf(location, project),
      labels: {
        [managedByLabel]: managedBy,
        [projectLabel]: project,
        ...location.installation === undefined ? {} : { [installationLabel]: location.installation },
        'pod-security.kubernetes.io/enforce': 'restricted',
      },
    },
  }
}
