import { readFile } from 'node:fs/promises'
import { parseAllDocuments } from 'yaml'

/** As much of an object as is looked at here. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: { name: string, namespace?: string }
}

interface Deployment extends KubernetesObject {
  spec: { template: { spec: { tolerations?: object[], containers: [{ image: string, imagePullPolicy: string, readinessProbe: object }] } } }
}

/** The objects of a manifest that a Go module carries. */
export async function readManifest(path: string): Promise<KubernetesObject[]> {
  const documents = parseAllDocuments(await readFile(path, 'utf8'))
  return documents.map(document => document.toJS() as KubernetesObject | null).filter(object => object !== null) // the release's own file
}

/** Run a Deployment from an image that every node has, notice quickly that it is ready, and start it elsewhere soon after its node was lost. */
export function withImage(object: KubernetesObject, image: string): KubernetesObject {
  if (object.kind !== 'Deployment')
    return object
  const deployment = structuredClone(object) as Deployment
  const pod = deployment.spec.template.spec
  pod.tolerations = ['unreachable', 'not-ready'].map(taint => ({ key: `node.kubernetes.io/${taint}`, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }))
  const [container] = pod.containers
  container.image = image
  container.imagePullPolicy = 'Never'
  Object.assign(container.readinessProbe, { initialDelaySeconds: 0, periodSeconds: 1 })
  return deployment
}

/** Two of it, on different nodes where there are some. */
export function onTwoNodes<T extends { readonly kind: string }>(object: T): object {
  if (object.kind !== 'Deployment')
    return object
  const { spec } = object as unknown as { spec: { selector: object, template: { spec: object } } } // the release's own
  return {
    ...object,
    spec: {
      ...spec,
      replicas: 2,
      template: {
        ...spec.template,
        spec: {
          ...spec.template.spec,
          topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: spec.selector }],
        },
      },
    },
  }
}
