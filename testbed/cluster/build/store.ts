import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { exists } from '../../../tools/exists.ts'
import { importImages, startContainerd } from '../containerd.ts'
import { folders } from '../folders.ts'
import { boot, powerOff, varFolder } from '../machine.ts'
import { images } from './images.ts'
import { layerBlob } from './layer.ts'
import { writeLayout } from './layout.ts'

const packer = 'packer'

/**
 * containerd's folder with every image unpacked, made once for each set of images. A node begins with hard links to it,
 * so starting one costs neither an import nor the space of its images.
 */
export async function imageStore(): Promise<string> {
  await mkdir(folders.images, { recursive: true })
  // Two runs may be at it at the same moment, and neither takes away what the other one writes.
  const layout = await mkdtemp(join(folders.images, 'layout-'))
  try {
    return await storeOf(layout)
  }
  finally {
    await rm(layout, { recursive: true })
  }
}

async function storeOf(layout: string): Promise<string> {
  const described = []
  for (const image of images)
    described.push({ ...image, blobs: await Promise.all(image.layers.map(layerBlob)) })
  await writeLayout(layout, described)
  const key = createHash('sha256').update(await readFile(join(layout, 'index.json'))).digest('hex').slice(0, 16)
  const path = join(folders.store, key)
  if (await exists(path))
    return path

  console.log('unpacking the images …')
  await mkdir(folders.store, { recursive: true })
  for (const old of await readdir(folders.store))
    await rm(join(folders.store, old), { recursive: true })
  await boot(packer, { isNode: true })
  try {
    await startContainerd(packer)
    await importImages(packer, layout)
  }
  finally {
    await powerOff(packer)
  }
  await rename(join(varFolder(packer), 'lib', 'containerd'), path)
  await rm(join(folders.state, packer), { recursive: true })
  return path
}
