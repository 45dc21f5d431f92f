import type { EnginePhase, Member } from '@howdah/engine'
import type { Client } from 'pg'
import type { Instance } from '../database.ts'
import type { Seen } from './loss.ts'
import type { Place } from './place.ts'
import type { Following } from './read-members.ts'
import type { MemberRecord } from './topology.ts'
import { Job } from '../backup/job.ts'
import { answers } from '../probe.ts'
import { findPostmaster, killLeftovers } from '../process.ts'
import { startServer } from '../server-control.ts'
import { copyReplica } from './copy-replica.ts'
import { lead } from './lead.ts'
import { readFollowing, readWal } from './read-members.ts'
import { reconfigure } from './reconfigure.ts'
import { setTopology, withState } from './topology.ts'

/** A replica that runs and does not follow for so long will not by itself: WAL that it needs is gone, or history went another way. */
const copyAfterMs = 15_000
const answerWithinMs = 2_000
/** Attempts to start before it is copied anew. */
const startsBeforeCopy = 3
const retryCopyMs = 2_000

interface State {
  copying: Job | undefined
  copyNotBefore: number
  /** Its data is a copy that was made by this process, and is whole. */
  isCopied: boolean
  failedStarts: number
  lostAt: number | undefined
  following: Following | undefined
  /** Its primary has given up the WAL that it lacks. */
  isUnkept: boolean
  /** Why it is copied anew; empty where nobody knows. */
  why: string
  /** It runs and says nothing, although its primary may still send to it: it was stopped. */
  isSilent: boolean
}

const primaryPhases: Readonly<Record<EnginePhase, Member['phase']>> = {
  'provisioning': 'starting',
  'ready': 'ready',
  'restarting': 'starting',
  'switching-over': 'starting',
  'degraded': 'ready',
  'failed': 'failed',
  'hibernated': 'stopped',
  'unknown': 'starting',
}

/** Keeps the replicas of a database following: starts those that ended, copies anew those that cannot follow. */
export class Members {
  readonly #place: Place
  readonly #states = new Map<number, State>()
  /** The primary was asked who follows it, since it is the primary. */
  hasLooked = false
  #seen: Seen | undefined

  constructor(place: Place) {
    this.#place = place
  }

  /** How far the primary was when it was looked at last; undefined: it is another one since, or nobody has. */
  get seen(): Seen | undefined {
    return this.#seen?.epoch === this.#place.db.topology?.epoch ? this.#seen : undefined
  }

  /** Every replica follows the primary. */
  get areWhole(): boolean {
    return this.#replicas.every(({ ordinal, state }) => state === 'replica' && this.#isFollowing(ordinal))
  }

  /** What is under way, in a sentence; empty when nothing is. */
  get news(): string {
    const missing = this.#replicas.filter(({ ordinal, state }) => state === 'new' || !this.#isFollowing(ordinal))
    const [first] = missing
    if (!first)
      return ''
    const name = this.#place.db.memberName(first.ordinal)
    const { copying, why } = this.#state(first.ordinal)
    if (why !== '')
      return `${name} is copied anew from the primary. ${why}`
    return copying ? `${name} is being copied from the primary.` : `${name} does not follow the primary yet.`
  }

  /** Bytes of WAL that a replica has not replayed; undefined: it does not follow, and could not become the primary. */
  lagOf(ordinal: number): number | undefined {
    const isReplica = this.#replicas.some(member => member.ordinal === ordinal && member.state === 'replica')
    return isReplica && this.#isFollowing(ordinal) ? this.#state(ordinal).following?.lagBytes : undefined
  }

  observed(phase: EnginePhase): Member[] {
    const { db } = this.#place
    return (db.topology?.members ?? []).map(({ ordinal }): Member => {
      const name = db.memberName(ordinal)
      if (ordinal === db.topology?.primary)
        return { name, role: 'primary', phase: primaryPhases[phase], lagBytes: null, lagSeconds: null }
      const { following } = this.#state(ordinal)
      return {
        name,
        role: 'replica',
        phase: phase === 'hibernated' ? 'stopped' : this.#isFollowing(ordinal) ? 'ready' : 'starting',
        lagBytes: following?.lagBytes ?? null,
        lagSeconds: following?.lagSeconds ?? null,
      }
    })
  }

  /** Ask the primary who follows, and those whether they answer. */
  async look(client: Client): Promise<void> {
    const { db } = this.#place
    const ordinals = this.#replicas.map(({ ordinal }) => ordinal)
    const epoch = db.topology?.epoch ?? 0
    const at = new Date()
    const { end, unkept } = await readWal(client, ordinals)
    this.#seen = end === undefined ? undefined : { epoch, end, at }
    const following = await readFollowing(client, ordinals)
    this.hasLooked = true
    await Promise.all(ordinals.map(async (ordinal) => {
      const state = this.#state(ordinal)
      state.following = following.get(ordinal)
      state.isUnkept = unkept.has(ordinal)
      state.lostAt = state.following?.isStreaming ? undefined : state.lostAt ?? performance.now()
      const server = state.copying ? undefined : await findPostmaster(db.instance(ordinal).paths.data)
      state.isSilent = server?.ready === true && !await answers(db.socketFolder, db.instance(ordinal).port, answerWithinMs).then(() => true, () => false)
    }))
  }

  /** The primary is another one, or away: what was seen through it is worth nothing now. */
  forget(): void {
    this.hasLooked = false
    for (const state of this.#states.values())
      Object.assign(state, { following: undefined, lostAt: undefined, isUnkept: false })
  }

  /** Bring every replica a step nearer to following. Runs inside `db.exclusive`, while the primary serves. */
  async tend(): Promise<void> {
    for (const member of this.#replicas) {
      const instance = this.#place.db.instance(member.ordinal)
      if (member.state === 'new' && !this.#state(member.ordinal).isCopied)
        await this.#copy(instance)
      else
        await this.#follow(instance, member)
    }
  }

  /** End what is under way for one, or for all. */
  async cancel(ordinal?: number): Promise<void> {
    const ordinals = ordinal === undefined ? [...this.#states.keys()] : [ordinal]
    if (ordinal === undefined)
      this.#seen = undefined
    await Promise.all(ordinals.map(async (each) => {
      await this.#states.get(each)?.copying?.cancel()
      this.#states.delete(each)
    }))
  }

  get #replicas(): readonly MemberRecord[] {
    const { topology } = this.#place.db
    return topology?.members.filter(({ ordinal }) => ordinal !== topology.primary) ?? []
  }

  #isFollowing(ordinal: number): boolean {
    const { following, isSilent } = this.#state(ordinal)
    return (following?.isStreaming ?? false) && !isSilent
  }

  #state(ordinal: number): State {
    const state = this.#states.get(ordinal) ?? { copying: undefined, copyNotBefore: 0, isCopied: false, failedStarts: 0, lostAt: undefined, following: undefined, isUnkept: false, why: '', isSilent: false }
    this.#states.set(ordinal, state)
    return state
  }

  async #copy(instance: Instance): Promise<void> {
    const { db, event } = this.#place
    const state = this.#state(instance.ordinal)
    if (!state.copying) {
      if (performance.now() >= state.copyNotBefore)
        state.copying = new Job(async job => await copyReplica(db, instance, job))
      return
    }
    if (!state.copying.isEnded)
      return
    const job = state.copying
    state.copying = undefined
    try {
      await job.look()
      state.isCopied = true
      state.failedStarts = 0
      state.lostAt = undefined
      event('replica.copied', 'info', `${db.memberName(instance.ordinal)} was copied from the primary.`, { member: db.memberName(instance.ordinal) })
    }
    catch (error) {
      state.copyNotBefore = performance.now() + retryCopyMs
      db.installation.log.warn({ err: error, database: db.ref.id, instance: instance.ordinal }, 'a replica could not be copied; trying again')
    }
  }

  async #follow(instance: Instance, { ordinal, state: recorded }: MemberRecord): Promise<void> {
    const { db, started } = this.#place
    const state = this.#state(ordinal)
    const { applied, topology } = db
    if (!applied || !topology)
      return
    if (state.isUnkept && !state.isSilent && recorded === 'replica') {
      await this.#giveUp(ordinal, 'It was away for so long that the primary gave up the WAL that it needs, before that could fill the disk.')
      return
    }
    const found = await findPostmaster(instance.paths.data)
    if (!found) {
      const outcome = await startServer(db, applied.settings, applied.spec.allowedCidrs, instance)
      if (outcome.kind === 'failed' && outcome.reason === 'StartFailed' && ++state.failedStarts >= startsBeforeCopy)
        await this.#giveUp(ordinal, `It does not start: ${outcome.message}`)
      else if (outcome.kind !== 'failed' && outcome.server)
        started(instance, outcome.server)
      return
    }
    // Stopped, and not ended: nothing of it is waited for. It starts again with the next look.
    if (state.isSilent) {
      await killLeftovers(instance.paths.data)
      return
    }
    if (state.following?.isStreaming) {
      state.failedStarts = 0
      if (recorded === 'new')
        await this.#takeIn(ordinal)
      return
    }
    if (state.lostAt !== undefined && performance.now() - state.lostAt > copyAfterMs)
      await this.#giveUp(ordinal, 'It runs and does not follow.')
  }

  /** It follows: from now on it may get the role, and may be what a commit waits for. On record first. */
  async #takeIn(ordinal: number): Promise<void> {
    const { db } = this.#place
    await setTopology(db, { members: withState(db.topology?.members ?? [], ordinal, 'replica') })
    // From now on the record tells. It may become the primary and die: then what it has is no copy of anything.
    Object.assign(this.#state(ordinal), { isCopied: false, why: '' })
    await reconfigure(db)
    await lead(this.#place, 'primary')
  }

  /** No commit waits for it any more, and then it is copied anew. */
  async #giveUp(ordinal: number, why: string): Promise<void> {
    const { db, event } = this.#place
    const { topology } = db
    if (!topology)
      return
    const members = withState(topology.members, ordinal, 'new')
    db.topology = { ...topology, members }
    await reconfigure(db)
    await setTopology(db, { members })
    await lead(this.#place, 'primary')
    this.#states.delete(ordinal)
    this.#state(ordinal).why = why
    event('replica.lost', 'warning', `${db.memberName(ordinal)} cannot follow the primary and is copied anew. ${why}`, { member: db.memberName(ordinal) })
  }
}
