import type { Plan, Progress, RestoreOrder, RestoreSource } from '@howdah/engine'
import type { Backups } from '../backup/backups.ts'
import type { Database } from '../database.ts'
import type { Managed } from '../ensure.ts'
import type { Kept } from './kept.ts'
import type { Staged } from './stage.ts'
import { readdir, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '@howdah/engine'
import { archiveOf } from '../archive-site.ts'
import { Job } from '../backup/job.ts'
import { noteEnd } from '../backup/lines.ts'
import { RestoreError } from '../backup/restore-error.ts'
import { restoreSteps } from '../backup/restore.ts'
import { asidePaths } from '../paths.ts'
import { killLeftovers } from '../process.ts'
import { lastCheckpoint } from '../replicas/switch-over.ts'
import { stopServer } from '../server-control.ts'
import { keptFolder } from './kept.ts'
import { stageKept, stageState, takenTimelines } from './stage.ts'
import { decideSwap, finishLeftSwap, finishSwap, removeDoomed } from './swap.ts'
import { historyName, timelinesIn } from './timelines.ts'

/** Restores in place, and which of them are under way in this process. */
export class InPlace {
  readonly #staging = new Map<string, Job<Staged>>()

  async plan({ db }: Managed, from: RestoreSource, source: Database | undefined, backups: Backups): Promise<Plan> {
    const refusal = await backups.refusalOf(from, source)
    if (refusal !== undefined)
      return { steps: [], interruption: 'none', reasons: [], refusals: [{ pointer: '/from', detail: refusal }] }
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
    return await this.#swap(managed, kept, async job => await stageState(db, source, order, job))
  }

  async undo(managed: Managed, id: string): Promise<Progress> {
    const { kept } = managed.db
    if (kept?.id !== id)
      return { outcome: 'done' }
    return await this.#swap(managed, null, async job => await stageKept(managed.db, kept, job))
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

  async #swap(managed: Managed, kept: Kept | null, stage: (job: Job<Staged>) => Promise<Staged>): Promise<Progress> {
    const { id } = managed.db.ref
    const job = this.#staging.get(id) ?? new Job<Staged>(stage)
    this.#staging.set(id, job)
    try {
      const progress = await job.look()
      if (!job.made)
        return progress
      await takeItsPlace(managed, job.made, kept)
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
async function takeItsPlace({ db, ports, supervisor }: Managed, { folder, timeline }: Staged, kept: Kept | null): Promise<void> {
  const doomed = await db.exclusive(async () => {
    if (Math.max(...await takenTimelines(db)) >= timeline)
      throw new EngineError('unavailable', 'Another server of the database took the role meanwhile; the restore begins anew.')
    db.isPlanned = true
    try {
      await supervisor.detach()
      supervisor.setPhase('restarting', 'RestoredInPlace', 'The server stops, and starts with what was restored.')
      await (supervisor.replication?.stop() ?? stopServer(db))
      // Moments until now are of the timeline before, those after it are of this one.
      const now = new Date()
      await noteOrderlyEnd(db, now)
      await utimes(join(db.root, folder, 'data', 'pg_wal', historyName(timeline)), now, now)
      await decideSwap(db.root, { format: 1, staged: folder, kept })
      const before = db.topology?.members ?? []
      const swapped = await finishSwap(db.installation, db.root)
      db.become(swapped)
      for (const { port } of before.filter(({ port }) => !db.topology?.members.some(member => member.port === port)))
        ports.free(port)
      return swapped.doomed
    }
    finally {
      db.isPlanned = false
      supervisor.recover('Starting', 'The server starts.')
    }
  })
  await Promise.all([supervisor.settled, removeDoomed(db.installation, doomed)])
}

/** The moments just before are promised where nothing of them is missing in the archive. */
async function noteOrderlyEnd(db: Database, now: Date): Promise<void> {
  const { data } = db.paths
  const isArchived = (await readdir(join(data, 'pg_wal', 'archive_status'))).every(name => !name.endsWith('.ready'))
  if (isArchived && await lastCheckpoint(data) !== undefined)
    await noteEnd(archiveOf(db.installation, db.ref.id), Math.max(...await timelinesIn(data)), now)
}
