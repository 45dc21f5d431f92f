import type { Steps } from './steps.ts'
import { operatorImage, postgresqlImage } from '../cluster/build/images.ts'
import { nodeImage } from './build/node.ts'
import { images } from './layout.ts'
import { createImage, openstack } from './up.ts'

/** Nodes that are made from now on hold CloudNativePG and PostgreSQL, which most who try the cloud do not wait for. */
export async function postgresql({ step }: Pick<Steps, 'step'>): Promise<void> {
  const file = await step('node image with PostgreSQL', async () => await nodeImage(operatorImage, postgresqlImage(17)))
  await step('image', async () => {
    await openstack('image', 'delete', images.node.name)
    await createImage(images.node.name, file)
  })
}
