import type { Installation } from './installation.ts'
import { randomBytes, randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { bootId, readIfThere } from '@howdah/machine'
import { certificateHosts, writeCertificate } from './certificates.ts'
import { makeFolder } from './files.ts'
import { databasePaths } from './paths.ts'
import { killLeftovers } from './process.ts'
import { socketFolderFor } from './socket-folder.ts'
import { placeInTrash, removeStubbornly, throwAway } from './trash.ts'

/** This process. Only one has the data directory open, so what another one left unfinished nobody goes on with. */
const maker = randomBytes(4).toString('hex')
const unfinished = /\.([0-9a-f]+)\.tmp$/

/**
 * Begin the folder of a database to be, with all that an instance needs but its data. It has the name that it keeps,
 * so that paths in settings stay true, and an ending until it is whole.
 */
export async function beginPlace({ account, authority, host, paths }: Installation): Promise<string> {
  const root = join(paths.databases, `${randomUUID()}.${maker}.tmp`)
  const place = databasePaths(root)
  await makeFolder(root, 0o755)
  await makeFolder(place.instance, 0o755)
  await makeFolder(place.log, 0o700, account)
  await makeFolder(place.data, 0o700, account)
  await writeCertificate(authority, certificateHosts(host), place, account)
  return root
}

/** It is whole: from this rename on it is found. Answers where it is from now on. */
export async function finishPlace(root: string): Promise<string> {
  const whole = join(dirname(root), nameOfPlace(root))
  await rename(root, whole)
  return whole
}

/**
 * Give a place the name that it keeps before it is whole: a server starts there that is to stay, and its settings name the
 * place. Until it has an identity it is nobody's, as with the ending.
 */
export async function settlePlace(root: string): Promise<string> {
  await writeFile(databasePaths(root).restoring, `${maker} ${await bootId() ?? ''}`)
  return await finishPlace(root)
}

/** Whether a power cut may have taken a part of what was restored there before anybody was promised it. */
export async function mayLackData(root: string): Promise<boolean> {
  const [by, boot = ''] = (await readIfThere(databasePaths(root).restoring))?.split(' ') ?? []
  return by !== undefined && by !== maker && (boot === '' || boot !== await bootId())
}

/** Whether it was given its name before what was restored was safe from a power cut. */
export async function isRestored(root: string): Promise<boolean> {
  return await readIfThere(databasePaths(root).restoring) !== undefined
}

/** The name that a place has for life. */
export function nameOfPlace(root: string): string {
  return basename(root).replace(unfinished, '')
}

/** Of a place without an identity. Undefined for what is whole. */
export async function stateOfUnfinished(root: string): Promise<'under way' | 'abandoned' | undefined> {
  const by = unfinished.exec(root)?.[1] ?? (await readIfThere(databasePaths(root).restoring))?.split(' ')[0]
  return by === undefined ? undefined : by === maker ? 'under way' : 'abandoned'
}

/** Where the server of a place has its Unix socket. */
export async function socketFolderOf({ account, paths }: Installation, root: string): Promise<string> {
  return await socketFolderFor(paths.root, nameOfPlace(root), account)
}

/** Leave nothing of a place that is not wanted any more, also when its server still runs. */
export async function discardPlace(installation: Installation, root: string): Promise<void> {
  await killLeftovers(databasePaths(root).data)
  const doomed = await throwAway(installation.paths, root, nameOfPlace(root))
  if (doomed !== undefined)
    await removeDiscarded(installation, doomed)
}

/** Remove what is in the trash, and the socket folder of the place that it was. */
export async function removeDiscarded(installation: Installation, doomed: string): Promise<void> {
  const place = placeInTrash(basename(doomed))
  if (place !== undefined)
    await rm(await socketFolderFor(installation.paths.root, place, installation.account), { recursive: true, force: true })
  await removeStubbornly(doomed)
}
