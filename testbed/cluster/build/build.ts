import type { ProgramName } from './programs.ts'
import { prepareDebian } from './debian.ts'
import { programPath, programs } from './programs.ts'
import { imageStore } from './store.ts'

/**
 * Make everything that the bed runs and that is not there yet. Nothing is done twice; an interrupted build goes on
 * where it was. Answers the folder that nodes begin with.
 */
export async function build(): Promise<string> {
  await prepareDebian()
  // One after the other: each build uses every core.
  for (const name of Object.keys(programs) as ProgramName[])
    await programPath(name)
  return await imageStore()
}
