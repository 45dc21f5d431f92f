import type { ProgramName } from './programs.ts'
import { prepareDebian } from './debian.ts'
import { images } from './images.ts'
import { layerBlob } from './layer.ts'
import { buildPrograms, programs } from './programs.ts'
import { imageStore } from './store.ts'

/**
 * Make everything that the bed runs and that is not there yet. Nothing is done twice; an interrupted build goes on
 * where it was. Answers the folder that nodes begin with.
 */
export async function build(): Promise<string> {
  await prepareDebian()
  // What Debian's packages take is mostly waiting and one core; what Go takes is cores.
  await Promise.all([buildPrograms(Object.keys(programs) as ProgramName[]), makeDebianLayers()])
  return await imageStore()
}

async function makeDebianLayers(): Promise<void> {
  for (const layer of images.flatMap(({ layers }) => layers)) {
    if ('suite' in layer)
      await layerBlob(layer)
  }
}
