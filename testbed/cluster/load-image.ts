import type { Image } from './build/images.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf, pack } from './build/layer.ts'
import { writeLayout } from './build/layout.ts'
import { importImages } from './containerd.ts'
import { folders } from './folders.ts'
import { nodes } from './layout.ts'

/** Bring an image into every node, made of folders: one layer each. */
export async function loadImage(image: Pick<Image, 'reference' | 'config'>, layers: readonly string[]): Promise<{ bytes: number }> {
  const work = await mkdtemp(join(folders.cache, 'image-'))
  try {
    const blobs = await Promise.all(layers.map(async (folder, index) => {
      const path = join(work, `${index}.tar`)
      await pack(folder, path)
      return { path, ...await digestOf(path) }
    }))
    await writeLayout(join(work, 'layout'), [{ ...image, blobs }])
    await Promise.all(nodes.map(async node => await importImages(node.name, join(work, 'layout'))))
    return { bytes: blobs.reduce((sum, { size }) => sum + size, 0) }
  }
  finally {
    await rm(work, { recursive: true })
  }
}
