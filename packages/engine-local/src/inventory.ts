import type { Installation } from './installation.ts'
import type { Member } from './member.ts'
import type { Identity } from './state.ts'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode, readIfThere } from '@howdah/machine'
import { removeHalfWritten } from './files.ts'
import { readMember } from './member.ts'
import { databasePaths } from './paths.ts'
import { mayLackData, nameOfPlace, stateOfUnfinished } from './places.ts'
import { killLeftovers } from './process.ts'
import { readApplied, readIdentity } from './state.ts'
import { throwAway } from './trash.ts'

/** What an earlier run has left here. */
export interface Inventory {
  readonly databases: readonly { readonly root: string, readonly identity: Identity }[]
  readonly members: readonly { readonly root: string, readonly member: Member }[]
}

type Item = { readonly kind: 'database', readonly root: string, readonly identity: Identity } | { readonly kind: 'member', readonly root: string, readonly member: Member }

/** Find the databases and the members of the pool, and throw away what is neither and is ours. */
export async function takeInventory(installation: Installation): Promise<Inventory> {
  await sweepEarlierLayout(installation)
  const names = await readdir(installation.paths.databases)
  const items = (await Promise.all(names.map(async name => await lookAt(installation, join(installation.paths.databases, name), name)))).filter(item => item !== undefined)
  const databases = new Map<string, Item & { kind: 'database' }>()
  for (const item of items.filter(item => item.kind === 'database')) {
    const { id } = item.identity.ref
    const other = databases.get(id)
    if (other)
      installation.log.error({ database: id, folders: [other.root, item.root] }, 'two folders say that they are the same database; the second is left alone')
    else
      databases.set(id, item)
  }
  return { databases: [...databases.values()], members: items.filter(item => item.kind === 'member') }
}

async function lookAt(installation: Installation, root: string, name: string): Promise<Item | undefined> {
  const paths = databasePaths(root)
  // One that is half-made may have an identity already.
  const identity = name === nameOfPlace(root) ? await readIdentity(paths) : undefined
  // Of a database whose create is acknowledged this is never asked: everything was safe before.
  const isLost = identity !== undefined && await mayLackData(root) && ((await readApplied(paths))?.generation ?? 0) === 0
  if (identity && !isLost) {
    const instances = join(root, 'instances')
    await Promise.all([root, ...(await namesIn(instances)).map(ordinal => join(instances, ordinal))].map(async folder => await removeHalfWritten(folder)))
    return { kind: 'database', root, identity }
  }
  const unfinished = await stateOfUnfinished(root)
  if (unfinished === 'under way')
    return undefined
  if (!isLost && (await readIfThere(paths.applied) !== undefined || !(unfinished || await readIfThere(paths.member) !== undefined))) {
    installation.log.warn({ folder: root }, 'a folder without identity is not a database and is left alone')
    return undefined
  }
  const member = unfinished || await readIfThere(paths.identity) !== undefined ? undefined : await readMember(paths)
  if (member)
    return { kind: 'member', root, member }
  await killLeftovers(paths.data)
  await throwAway(installation.paths, root, nameOfPlace(root))
  return undefined
}

/** Releases before this one had places of their own for members of the pool and for databases that are being restored. */
async function sweepEarlierLayout({ paths }: Installation): Promise<void> {
  for (const folder of [join(paths.root, 'pool'), join(paths.root, 'restoring')]) {
    for (const name of await namesIn(folder))
      await killLeftovers(databasePaths(join(folder, name)).data)
    await throwAway(paths, folder)
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT'))
      return []
    throw error
  })
}
