import type { Installation } from '../installation.ts'
import type { InstallationPaths } from '../paths.ts'
import type { Topology } from '../replicas/topology.ts'
import type { Applied, Identity, ServerKind } from '../state.ts'
import type { Kept } from './kept.ts'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hasCode } from '@howdah/machine'
import { readJson, syncFolder, writeAtomically } from '../files.ts'
import { databasePaths } from '../paths.ts'
import { removeDiscarded } from '../places.ts'
import { readTopology } from '../replicas/topology.ts'
import { readApplied, readIdentity, rewriteIdentity, writeApplied } from '../state.ts'
import { throwAway } from '../trash.ts'
import { keptFolder, readKept, writeKept } from './kept.ts'

/** It is decided that other data takes the place of a database's. From this record on there is only forward. */
export interface Swap {
  readonly format: 1
  /** Folder in the place of the database that holds the data. */
  readonly staged: string
  /** What becomes of the present data: kept, or thrown away. */
  readonly kept: Kept | null
  /** What reads the data from now on, where that is another major. */
  readonly become?: ServerKind
}

/** Of a database as it is after a swap. */
export interface Swapped {
  readonly identity: Identity | undefined
  readonly applied: Applied | undefined
  readonly kept: Kept | undefined
  readonly topology: Topology | undefined
  /** What was thrown away, and is still to be removed. */
  readonly doomed: readonly string[]
}

export async function decideSwap(root: string, swap: Swap): Promise<void> {
  await writeAtomically(databasePaths(root).swap, `${JSON.stringify(swap)}\n`, { mode: 0o600, durable: true })
}

/** The same of a database that nobody waits for. Answers who it is by now. */
export async function finishLeftSwap(installation: Installation, root: string): Promise<Identity | undefined> {
  const { doomed, identity } = await finishSwap(installation, root)
  await removeDoomed(installation, doomed)
  return identity
}

export async function removeDoomed(installation: Installation, doomed: readonly string[]): Promise<void> {
  await Promise.all(doomed.map(async path => await removeDiscarded(installation, path)))
}

/**
 * Go on with a swap that was decided, from wherever it was stopped; nothing of the database runs. Replicas go, and with them
 * the wait for them: they are copied anew. Of a swap that was not decided nothing is left.
 */
export async function finishSwap({ paths }: Installation, root: string): Promise<Swapped> {
  const place = databasePaths(root)
  const swap = await readJson(place.swap) as Swap | undefined // our own file, written whole
  const [identity, topology, applied] = await Promise.all([readIdentity(place), readTopology(place.topology), readApplied(place)])
  if (!swap) {
    const kept = await readKept(place)
    return { identity, applied, kept, topology, doomed: await throwOthersAway(paths, root, kept) }
  }
  const primary = topology?.primary ?? 1
  const doomed = await exchange(paths, root, databasePaths(root, primary).data, swap)
  const alone = topology && withoutReplicas(topology)
  if (alone)
    await writeAtomically(place.topology, `${JSON.stringify(alone, null, 2)}\n`, { mode: 0o600, durable: true })
  for (const name of await readdir(join(root, 'instances'))) {
    if (name !== String(primary))
      doomed.push(...await thrownAway(paths, join(root, 'instances', name)))
  }
  // What the files say of the data is true of other data: of roles and extensions nothing is known.
  const anew = applied && { ...applied, ownerVerifier: '', extensions: [], ...swap.become && { settings: swap.become.settings } }
  if (anew)
    await writeApplied(place, anew, true)
  const other = identity && swap.become && withKind(identity, swap.become)
  if (other)
    await rewriteIdentity(place, other)
  if (swap.kept)
    await writeKept(place, swap.kept)
  else
    await rm(place.kept, { force: true })
  await syncFolder(root)
  await rm(place.swap)
  await syncFolder(root)
  doomed.push(...await throwOthersAway(paths, root, swap.kept ?? undefined))
  return { identity: other ?? identity, applied: anew, kept: swap.kept ?? undefined, topology: alone, doomed }
}

function withKind(identity: Identity, { madeBy, major, source }: ServerKind): Identity {
  return { ...identity, madeBy, major, source }
}

/** Answers what was thrown away. */
async function exchange(paths: InstallationPaths, root: string, data: string, { kept, staged }: Swap): Promise<string[]> {
  const ready = join(root, staged, 'data')
  const doomed: string[] = []
  // Where it is not there any more, it is in its place.
  if (!await isThere(ready))
    return doomed
  if (!kept) {
    doomed.push(...await thrownAway(paths, data))
  }
  else if (await isThere(data)) {
    await mkdir(join(root, keptFolder(kept)), { recursive: true, mode: 0o755 })
    await rename(data, join(root, keptFolder(kept), 'data'))
  }
  await rename(ready, data)
  await syncFolder(dirname(data))
  return doomed
}

function withoutReplicas(topology: Topology): Topology {
  return {
    ...topology,
    epoch: topology.epoch + 1,
    failover: undefined,
    isPromoted: true,
    inherits: false,
    members: topology.members.filter(({ ordinal }) => ordinal === topology.primary).map(member => ({ ...member, state: 'replica' })),
    durability: 'async',
  }
}

/** Data that is neither the database's nor kept for it. */
async function throwOthersAway(paths: InstallationPaths, root: string, kept: Kept | undefined): Promise<string[]> {
  const others = (await readdir(root)).filter(name => /^(?:kept|staged)-/.test(name) && !(kept && name === keptFolder(kept)))
  return (await Promise.all(others.map(async name => await thrownAway(paths, join(root, name))))).flat()
}

async function thrownAway(paths: InstallationPaths, folder: string): Promise<string[]> {
  const doomed = await throwAway(paths, folder)
  return doomed === undefined ? [] : [doomed]
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(() => true, (error: unknown) => {
    if (hasCode(error, 'ENOENT'))
      return false
    throw error
  })
}
