import process from 'node:process'
import { installPackages, isInstalled } from './install.mjs'
import { becomePinnedNode } from './pinned-node.mjs'
import { Refusal } from './refusal.mjs'
import { refuseUnsupported } from './supported.mjs'

/** @param {{ entry: string, withTests: boolean }} options - see bootstrap.mjs */
export async function prepare({ entry, withTests }) {
  try {
    refuseUnsupported()
    if (!isInstalled({ withTests }))
      await installPackages({ withTests })
    await becomePinnedNode([
      entry,
      ...process.argv.slice(2),
    ])
  }
  catch (error) {
    if (!(error instanceof Refusal))
      throw error
    console.error(`\n${error.message}\nNext: ${error.nextStep}`)
    process.exitCode = 1
  }
}
