import type { Image } from './images.ts'
import type { Blob } from './layer.ts'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { link, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exists } from '../../../tools/exists.ts'
import { architecture } from './images.ts'

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'

/** Write images into one OCI image layout, from which containerd imports them all at once; layers that they share are in it once. */
export async function writeLayout(folder: string, images: readonly (Pick<Image, 'reference' | 'config'> & { readonly blobs: readonly Blob[] })[]): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  const blobs = join(folder, 'blobs', 'sha256')
  await mkdir(blobs, { recursive: true })
  const manifests: unknown[] = []
  for (const image of images) {
    for (const { path, digest } of image.blobs) {
      const target = blobPath(blobs, digest)
      if (!await exists(target))
        await link(path, target)
    }
    const config = await writeJson(blobs, 'application/vnd.oci.image.config.v1+json', {
      architecture,
      os: 'linux',
      config: image.config,
      rootfs: { type: 'layers', diff_ids: image.blobs.map(({ digest }) => digest) },
    })
    const manifest = await writeJson(blobs, manifestType, {
      schemaVersion: 2,
      mediaType: manifestType,
      config,
      layers: image.blobs.map(({ digest, size }) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size })),
    })
    manifests.push({ ...manifest, annotations: { 'io.containerd.image.name': image.reference } })
  }
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
}

async function writeJson(blobs: string, mediaType: string, value: unknown): Promise<Descriptor> {
  const text = JSON.stringify(value)
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`
  await writeFile(blobPath(blobs, digest), text)
  return { mediaType, digest, size: Buffer.byteLength(text) }
}

function blobPath(blobs: string, digest: string): string {
  return join(blobs, digest.slice('sha256:'.length))
}
