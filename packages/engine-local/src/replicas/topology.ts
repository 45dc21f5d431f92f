import type { Durability } from '@howdah/engine'
import type { Database } from '../database.ts'
import type { OldEnd } from './loss.ts'
import { readIfThere } from '@howdah/machine'
import { writeAtomically } from '../files.ts'

export interface MemberRecord {
  readonly ordinal: number
  /** Where it listens, for this machine only. */
  readonly port: number
  /**
   * `new`: it has no data yet, or data that the primary's history does not continue; it is copied before it is started.
   * `replica`: it has followed since; it may get the role, and with `sync` it may be what a commit waits for.
   */
  readonly state: 'new' | 'replica'
}

/** A failover that nobody was told of yet. */
export interface UntoldFailover {
  /** Ordinal of who failed. */
  readonly from: number
  readonly began: string
  readonly broughtBytes: number
  readonly end: OldEnd
}

/**
 * The instances of a database that has several, or once had. It is the one word on who holds the role: it is on disk
 * before anybody is promoted, and whoever is not named here is never started as a primary.
 */
export interface Topology {
  readonly format: 1
  /** Grows with each change of who holds the role. */
  readonly epoch: number
  /** Ordinal of who holds the role. */
  readonly primary: number
  /** False: it is to be promoted, and may not have been. It then starts as the replica that it was. */
  readonly isPromoted: boolean
  /** Who had the role before one that is not promoted yet: until then it may have it back. */
  readonly before?: number | undefined
  readonly failover?: UntoldFailover | undefined
  /** What those before had not archived is still to be put on the list of who has the role. */
  readonly inherits?: boolean
  readonly members: readonly MemberRecord[]
  readonly readOnlyPort: number
  readonly replicationPassword: string
  readonly durability: Durability
  /** The last switchover that was served, and the one that is under way: whoever gets the role next has served it. */
  readonly switchover: string
  readonly pendingSwitchover: string
}

export async function readTopology(path: string): Promise<Topology | undefined> {
  const text = await readIfThere(path)
  return text === undefined ? undefined : JSON.parse(text) as Topology // our own file, written whole
}

/** Write it so that a power cut cannot undo it, and only then go by it. */
export async function setTopology(db: Database, change: Partial<Topology>): Promise<Topology> {
  if (!db.topology)
    throw new Error('a database of one instance has no topology to change')
  const topology = { ...db.topology, ...change }
  await writeTopology(db, topology)
  return topology
}

export async function writeTopology(db: Database, topology: Topology): Promise<void> {
  await writeAtomically(db.paths.topology, `${JSON.stringify(topology, null, 2)}\n`, { mode: 0o600, durable: true })
  db.topology = topology
}

export function withState(members: readonly MemberRecord[], ordinal: number, state: MemberRecord['state']): MemberRecord[] {
  return members.map(member => member.ordinal === ordinal ? { ...member, state } : member)
}

/** The members that follow the one that holds the role. */
export function followers({ members, primary }: Topology): readonly MemberRecord[] {
  return members.filter(({ ordinal, state }) => ordinal !== primary && state === 'replica')
}
