import { readFile } from 'node:fs/promises'
import { parseAllDocuments } from 'yaml'

/** As much of an object as is looked at here. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: { name: string, namespace?: string }
}

interface Deployment extends KubernetesObject {
  spec: { template: { spec: { containers: [{ image: string, imagePullPolicy: string, readinessProbe: object }] } } }
}

/** The objects of a manifest that a Go module carries. */
export async function readManifest(path: string): Promise<KubernetesObject[]> {
  const documents = parseAllDocuments(await readFile(path, 'utf8'))
  return documents.map(document => document.toJS() as KubernetesObject | null).filter(object => object !== null) // the release's own file
}

/** Run a Deployment from an image that every node has, and notice quickly that it is ready. */
export function withImage(object: KubernetesObject, image: string): KubernetesObject {
  if (object.kind !== 'Deployment')
    return object
  const deployment = structuredClone(object) as Deployment
  const [container] = deployment.spec.template.spec.containers
  container.image = image
  container.imagePullPolicy = 'Never'
  Object.assign(container.readinessProbe, { initialDelaySeconds: 0, periodSeconds: 1 })
  return deployment
}
