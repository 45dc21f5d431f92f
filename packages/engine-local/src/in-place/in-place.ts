import type { Plan, Progress, RestoreOrder, RestoreSource } from '@howdah/engine'
import type { Backups } from '../backup/backups.ts'
import type { Database } from '../database.ts'
import type { Managed } from '../ensure.ts'
import type { Kept } from './kept.ts'
import type { Staged } from './stage.ts'
import type { Swap } from './swap.ts'
import { rm } from 'node:fs/promises'
import { EngineError } from '@howdah/engine'
import { Job } from '../backup/job.ts'
import { RestoreError } from '../backup/restore-error.ts'
import { restoreSteps } from '../backup/restore.ts'
import { asidePaths } from '../paths.ts'
import { killLeftovers } from '../process.ts'
import { exchangeData, stopInOrder } from './exchange.ts'
import { keptFolder } from './kept.ts'
import { stageKept, stageState, takenTimelines } from './stage.ts'
import { finishLeftSwap, removeDoomed } from './swap.ts'

/** Restores in place, and which of them are under way in this process. */
export class InPlace {
  readonly #staging = new Map<string, Job<Staged>>()

  async plan({ db }: Managed, from: RestoreSource, source: Database | undefined, backups: Backups): Promise<Plan> {
    const refusal = await backups.refusalOf(from, source, db.identity.major)
    if (refusal !== undefined)
      return { steps: [], interruption: 'none', reasons: [], refusals: [{ pointer: '/from', detail: refusal.detail }] }
    const { applied, topology } = db
    const after = [...(topology?.members.length ?? 1) > 1 ? ['replicas'] : [], ...topology?.durability === 'sync' ? ['durability'] : [], 'credentials', ...applied?.extensions.length ? ['extensions'] : [], 'login']
    return {
      steps: [...await restoreSteps(from, source), 'swap', ...after],
      interruption: 'restart',
      reasons: [
        'It serves until what is restored is at hand; then its server stops and starts with that, and sessions end. What was written since is in it no more.',
        'What it is now is kept for undoing that, and takes the space of a second database.',
        ...(topology?.members.length ?? 1) > 1 ? ['Its replicas are copied anew.'] : [],
      ],
      refusals: [],
    }
  }

  async restore(managed: Managed, source: Database | undefined, order: RestoreOrder): Promise<Progress> {
    const { db } = managed
    if (db.kept?.id === order.id)
      return { outcome: 'done' }
    const kept: Kept = { format: 1, id: order.id, until: order.undoUntil.toISOString() }
    return await this.#swap(managed, { kept }, async job => await stageState(db, source, order, job))
  }

  async undo(managed: Managed, id: string): Promise<Progress> {
    const { kept } = managed.db
    if (kept?.id !== id)
      return { outcome: 'done' }
    return await this.#swap(managed, { kept: null, ...kept.before && { become: kept.before } }, async job => await stageKept(managed.db, kept, job))
  }

  async endUndo({ db, supervisor }: Managed): Promise<void> {
    await db.exclusive(async () => {
      if (!db.kept)
        return
      await killLeftovers(asidePaths(db.root, keptFolder(db.kept)).data)
      await rm(db.paths.kept, { force: true })
      db.kept = undefined
    })
    // From now on it is nobody's.
    await finishLeftSwap(db.installation, db.root)
    supervisor.report()
  }

  /** Call off what is under way for a database. */
  async cancel(id: string): Promise<void> {
    await this.#staging.get(id)?.cancel()
    this.#staging.delete(id)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#staging.values()].map(async job => await job.cancel()))
  }

  async #swap(managed: Managed, swap: Omit<Swap, 'format' | 'staged'>, stage: (job: Job<Staged>) => Promise<Staged>): Promise<Progress> {
    const { id } = managed.db.ref
    const job = this.#staging.get(id) ?? new Job<Staged>(stage)
    this.#staging.set(id, job)
    try {
      const progress = await job.look()
      if (!job.made)
        return progress
      await takeItsPlace(managed, job.made, swap)
      return { outcome: 'continue', step: 'swap' }
    }
    catch (error) {
      if (error instanceof RestoreError)
        return { outcome: 'failed', step: job.step, reason: error.reason, message: error.message, nextStep: error.nextStep }
      throw error
    }
    finally {
      if (job.isEnded)
        this.#staging.delete(id)
    }
  }
}

/** From here on the database is what was staged. The archive has to answer, because two timelines of one number would spoil it. */
async function takeItsPlace(managed: Managed, staged: Staged, swap: Omit<Swap, 'format' | 'staged'>): Promise<void> {
  const { db, supervisor } = managed
  const doomed = await db.exclusive(async () => {
    if (Math.max(...await takenTimelines(db)) >= staged.timeline)
      throw new EngineError('unavailable', 'Another server of the database took the role meanwhile; the restore begins anew.')
    db.isPlanned = true
    try {
      await stopInOrder(managed, 'RestoredInPlace', 'The server stops, and starts with what was restored.')
      return await exchangeData(managed, staged, swap)
    }
    finally {
      db.isPlanned = false
      supervisor.recover('Starting', 'The server starts.')
    }
  })
  await Promise.all([supervisor.settled, removeDoomed(db.installation, doomed)])
}
