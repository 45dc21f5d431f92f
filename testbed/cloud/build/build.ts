import type { Steps } from '../steps.ts'
import { mkdir } from 'node:fs/promises'
import { infraPython } from '../../../tools/needs/python.ts'
import { openstackMirror } from '../../../tools/needs/terraform.ts'
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

/** Make everything that the cloud begins with, and is worked on with, and that is not there yet. */
export async function build({ step }: Pick<Steps, 'step'>): Promise<Built> {
  await mkdir(folders.images, { recursive: true })
  await step('packages of this machine', preparePackages)
  // Two rows, since there are two cores: what Debian's packages take is one core and waiting, Go takes whatever it gets.
  const [debian] = await Promise.all([installDebian(step), compile(step)])
  return { ...debian, node: await step('node image', async () => await nodeImage()) }
}

async function installDebian(step: Steps['step']): Promise<Omit<Built, 'node'>> {
  const root = await step('OpenStack\'s packages', openstackRoot)
  await step('a guest\'s packages', guestRoot)
  const nano = await step('small image', nanoImage)
  await step('Ansible', infraPython)
  return { root, nano }
}

async function compile(step: Steps['step']): Promise<void> {
  await step('Kubernetes\' programs', nodePrograms)
  await step('Terraform\'s provider', openstackMirror)
}
