import type { Binaries } from '../binaries.ts'
import type { Installation } from '../installation.ts'
import type { Template } from '../template.ts'
import { copyDataFolder } from '../clone.ts'
import { runErrands } from '../errands.ts'
import { databasePaths } from '../paths.ts'
import { beginPlace, discardPlace } from '../places.ts'
import { renewSystemIdentifier } from '../system-identifier.ts'

/** What a server of the new major is made of. */
export interface NewMajor {
  /** Where they are run from. */
  readonly binaries: Binaries
  readonly template: Template
}

/** A place with an empty server of the new major, in which our own roles are already; it is nobody's until it takes a database's place. */
export async function makeTarget(installation: Installation, { template }: NewMajor): Promise<string> {
  const root = await beginPlace(installation)
  try {
    const { data } = databasePaths(root)
    await runErrands(installation.account, async errands => await copyDataFolder(`${template.data}/.`, data, errands))
    await renewSystemIdentifier(data)
    return root
  }
  catch (error) {
    await discardPlace(installation, root)
    throw error
  }
}
