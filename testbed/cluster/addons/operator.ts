import { join } from 'node:path'
import { goModuleFolder } from '../../../tools/needs/go-program.ts'
import { operatorImage } from '../build/images.ts'
import { programs } from '../build/programs.ts'
import { onTwoNodes, readManifest, withImage } from './upstream.ts'

export const operatorNamespace = 'cnpg-system'

/** CloudNativePG as its release installs it, but for the image, and on two nodes: without it no primary is replaced, also not when its own node is lost. */
export async function operator(): Promise<object[]> {
  const program = programs['cloudnative-pg']
  const objects = await readManifest(join(await goModuleFolder(program), 'releases', `cnpg-${program.version}.yaml`))
  return objects.map(object => onTwoNodes(withOperatorImage(withImage(object, operatorImage))))
}

/** The operator puts its own image into the pods of its clusters, and is told in the environment what that is. */
function withOperatorImage<T extends object>(object: T): T {
  return JSON.parse(JSON.stringify(object), (key, value: unknown) =>
    typeof value === 'object' && value !== null && 'name' in value && value.name === 'OPERATOR_IMAGE_NAME'
      ? { ...value, value: operatorImage }
      : value) as T // the same shape
}
