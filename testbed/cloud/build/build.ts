import type { Steps } from '../steps.ts'
import { mkdir } from 'node:fs/promises'
import { folders } from '../folders.ts'
import { guestRoot } from './guest.ts'
import { nanoImage } from './nano.ts'
import { nodeImage } from './node.ts'
import { preparePackages } from './packages.ts'
import { nodePrograms } from './programs.ts'
import { openstackRoot } from './root.ts'

export interface Built {
  readonly root: string
  readonly nano: string
  readonly node: string
}

/** Make everything that the cloud begins with and that is not there yet. */
export async function build({ step }: Pick<Steps, 'step'>): Promise<Built> {
  await mkdir(folders.images, { recursive: true })
  await step('packages of this machine', preparePackages)
  // Two rows, since there are two cores: one waits for packages, the other compiles.
  const [root, images] = await Promise.all([
    step('OpenStack\'s packages', openstackRoot),
    buildImages(step),
  ])
  return { root, ...images }
}

async function buildImages(step: Steps['step']): Promise<Omit<Built, 'root'>> {
  await step('a guest\'s packages', guestRoot)
  const nano = await step('small image', nanoImage)
  await step('Kubernetes\' programs', nodePrograms)
  const node = await step('node image', nodeImage)
  return { nano, node }
}
