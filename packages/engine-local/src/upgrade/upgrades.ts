import type { Capabilities, DatabaseSpec, Plan, Progress, UpgradeOrder, UpgradeReport } from '@howdah/engine'
import type { Database } from '../database.ts'
import type { Managed, Offer } from '../ensure.ts'
import type { NewMajor } from './target.ts'
import { refusalsOf, rehearsalVerdict } from '@howdah/postgres'
import { Job } from '../backup/job.ts'
import { RestoreError } from '../backup/restore-error.ts'
import { holdToRoom, sizeOf } from '../room.ts'
import { upgradeMajor } from './major.ts'
import { areOnNewest, runningVersion, upgradeMinor } from './minor.ts'
import { readReport, rehearse } from './rehearsal.ts'

/** Upgrades and their rehearsals, and which of them are under way in this process. */
export class Upgrades {
  readonly #upgrading = new Map<string, Job<void>>()
  readonly #rehearsing = new Map<string, Job<void>>()

  async plan({ db }: Managed, spec: DatabaseSpec, { capabilities, next }: { readonly capabilities: Capabilities, readonly next: Offer | undefined }): Promise<Plan> {
    const refused = (pointer: string, detail: string): Plan => ({ steps: [], interruption: 'none', reasons: [], refusals: [{ pointer, detail }] })
    const { applied, identity, topology } = db
    const replicas = (topology?.members.length ?? 1) > 1
    if (spec.version < identity.major)
      return refused('/version', `It is on PostgreSQL ${identity.major}, and none goes back to an older major version. An upgrade can be undone for as long as what was before is kept.`)
    if (spec.version === identity.major) {
      if (await areOnNewest(db))
        return refused('/version', `It runs PostgreSQL ${await runningVersion(db, db.primary)}, the newest of its major version here.`)
      return replicas
        ? { steps: ['replicas', 'hand-over', 'login'], interruption: 'restart', reasons: ['Replicas restart first. Sessions with the primary end once, and new ones wait for less than a second.'], refusals: [] }
        : { steps: ['restart', 'login'], interruption: 'restart', reasons: [`The server restarts with PostgreSQL ${db.binaries.version}, and its sessions end.`], refusals: [] }
    }
    const refusals = refusalsOf(spec, { capabilities, catalogue: next?.catalogue ?? { settings: [], extensions: [] }, major: undefined, applied: applied && { ...applied, storageGib: applied.spec.storageGib } })
    if (refusals.length > 0)
      return { steps: [], interruption: 'none', reasons: [], refusals }
    await holdToRoom(db.installation, await sizeOf(db), 'The upgraded database')
    return {
      steps: ['prepare', 'stop', 'transfer', 'verify', 'swap', ...replicas ? ['replicas'] : [], ...topology?.durability === 'sync' ? ['durability'] : [], 'credentials', ...applied?.extensions.length ? ['extensions'] : [], 'login'],
      interruption: 'restart',
      reasons: [
        'Nobody can connect while its data is brought over: a rehearsal tells for how long.',
        'What it is now is kept for undoing it, and takes the space of a second database.',
        'Backups of before stay restorable, as new databases of the version of then. Take one soon: those of before cannot bring back what comes after.',
        ...replicas ? ['Its replicas are copied anew.'] : [],
      ],
      refusals: [],
    }
  }

  async rehearse(db: Database, id: string, next: NewMajor, before: NewMajor): Promise<Progress> {
    const known = await readReport(db.paths)
    if (known?.id === id)
      return rehearsalVerdict(known)
    const job = this.#rehearsing.get(db.ref.id) ?? new Job<void>(async job => await rehearse(db, id, next, before, job))
    this.#rehearsing.set(db.ref.id, job)
    try {
      const progress = await job.look()
      const report = job.isEnded ? await readReport(db.paths) : undefined
      return report?.id === id ? rehearsalVerdict(report) : progress
    }
    finally {
      if (job.isEnded)
        this.#rehearsing.delete(db.ref.id)
    }
  }

  /** What the last rehearsal found. */
  async report({ paths }: Database): Promise<UpgradeReport | undefined> {
    return await readReport(paths)
  }

  async upgrade(managed: Managed, order: UpgradeOrder, next: NewMajor): Promise<Progress> {
    const { db } = managed
    if (db.kept?.id === order.id)
      return { outcome: 'done' }
    const job = this.#upgrading.get(db.ref.id)
    if (!job && order.version === db.identity.major)
      return await upgradeMinor(managed, order)
    return await this.#follow(db, job ?? new Job<void>(async job => await upgradeMajor(managed, order, next, job)))
  }

  async #follow(db: Database, job: Job<void>): Promise<Progress> {
    this.#upgrading.set(db.ref.id, job)
    try {
      return await job.look()
    }
    catch (error) {
      if (error instanceof RestoreError)
        return { outcome: 'failed', step: job.step, reason: error.reason, message: error.message, nextStep: error.nextStep }
      throw error
    }
    finally {
      if (job.isEnded)
        this.#upgrading.delete(db.ref.id)
    }
  }

  /** Call off what is under way for a database. */
  async cancel(id: string): Promise<void> {
    await Promise.all([this.#upgrading.get(id)?.cancel(), this.#rehearsing.get(id)?.cancel()])
    this.#upgrading.delete(id)
    this.#rehearsing.delete(id)
  }

  /** Let go: what is under way begins anew with whoever asks next. */
  async close(): Promise<void> {
    await Promise.all([...this.#upgrading.values(), ...this.#rehearsing.values()].map(async job => await job.cancel()))
  }
}
