import type { Steps } from './steps.ts'
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { build } from './build/build.ts'
import { folders } from './folders.ts'
import { images } from './layout.ts'
import { boot, inside, onNetwork, pidOf } from './machine.ts'
import { refuseWhereImpossible } from './possible.ts'

/** A new cloud with its images: build what is missing, and start everything. */
export async function up(steps: Steps): Promise<void> {
  if (await pidOf())
    throw new Error('The cloud is up already; npm run cloud -- down ends it')
  await refuseWhereImpossible()
  const built = await build(steps)
  await rm(folders.state, { recursive: true, force: true })
  await steps.step('machine', async () => await boot(built.root))
  const code = await onNetwork([process.execPath, fileURLToPath(new URL('openstack/start.ts', import.meta.url))])
  if (code !== 0)
    throw new Error(`The cloud did not start. Its logs are in ${folders.logs} (npm run cloud -- logs); npm run cloud -- down ends what runs`)
  await steps.step('images', async () => {
    for (const [{ name }, file] of [[images.nano, built.nano], [images.node, built.node]] as const)
      await createImage(name, file)
  })
}

/** Hand a disk of folders.images to glance. */
export async function createImage(name: string, file: string): Promise<void> {
  await openstack('image', 'create', name, '--public', '--disk-format', 'qcow2', '--container-format', 'bare', '--file', `/mnt/${basename(file)}`)
}

/** The command of that name, as the administrator. */
export async function openstack(...words: string[]): Promise<string> {
  return await inside(['openstack', '--os-cloud', 'admin', ...words])
}
