import type { Image } from './location.ts'
import { EngineError } from '@howdah/engine'

/** That servers of a major version run. Throws where none is on offer. */
export function imageFor(images: readonly Image[], version: number): Image {
  const image = images.find(({ major }) => major === version)
  if (!image)
    throw new EngineError('unsupported', `PostgreSQL ${version} is not on offer in this location.`, { pointer: '/version' })
  return image
}
