import type { KubeObject } from './kubernetes/objects.ts'
import type { Image, Location } from './location.ts'

/** What is kept of a ClusterImageCatalog. */
export interface ImageCatalogView {
  readonly name: string
  /** Newest major first. */
  readonly images: readonly Image[]
}

interface ImageCatalogObject extends KubeObject {
  readonly spec?: { readonly images?: readonly { readonly major?: number, readonly image?: string }[] }
}

export function imageCatalogView(object: KubeObject): ImageCatalogView {
  const { metadata, spec = {} } = object as ImageCatalogObject // the operator's documented shape
  const images = (spec.images ?? []).map(({ image = '', major = 0 }) => ({ major, image, version: versionOf(major, image) }))
  return { name: metadata.name, images: images.sort((a, b) => b.major - a.major) }
}

/** Why nothing is on offer. */
export function noImages({ imageCatalog }: Location, images: readonly Image[]): string | undefined {
  return images.length === 0 ? `The cluster has no ClusterImageCatalog "${imageCatalog}" with images, so no PostgreSQL is on offer.` : undefined
}

/** As the tag says it. Where it does not, no more than the major version is known before a server says its own. */
function versionOf(major: number, image: string): string {
  // A registry may have a port, and an image a digest.
  const [tagged = ''] = image.split('@')
  const [version = ''] = /^\d+\.\d+/.exec(tagged.split('/').at(-1)?.split(':')[1] ?? '') ?? []
  return version.startsWith(`${major}.`) ? version : String(major)
}
