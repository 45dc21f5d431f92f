import type { Backup, Progress, RestorePoint, RestoreSource, RestoreWindow } from '@howdah/engine'
import type { Choice, Present, Segment, Span } from '@howdah/postgres'
import type { Database } from '../database.ts'
import type { Installation } from '../installation.ts'
import type { ArchiveName } from '../manifests/bootstrap.ts'
import type { DrillSource } from './drills.ts'
import type { TakenBackup } from './taken.ts'
import { EngineError } from '@howdah/engine'
import { chooseBackup, parseLsn, segmentAt } from '@howdah/postgres'
import { resources } from '../kubernetes/objects.ts'
import { isArchivingFailing } from '../phase.ts'
import { presentOf } from './running.ts'
import { ServerArchive } from './server-archive.ts'
import { takeBackup } from './take-backup.ts'
import { deliveredBackups } from './taken.ts'
import { backupView, spanView } from './view.ts'

/**
 * Backups of a Cluster that Git owns, in the archive that its own spec names. They are objects beside the Cluster, so its spec stays.
 * How long data is kept is said in its ObjectStore: what goes here is the object of a backup, never what is in the bucket.
 */
export class DeliveredBackups {
  readonly #installation: Installation
  readonly #db: Database

  constructor(installation: Installation, db: Database) {
    this.#installation = installation
    this.#db = db
  }

  async list(): Promise<readonly Backup[]> {
    return (await this.#taken()).map(backupView).reverse()
  }

  async take(id: string): Promise<Progress> {
    this.#holdToArchive()
    return await takeBackup(this.#installation, this.#db, () => new ServerArchive(this.#db), id)
  }

  async remove(id: string): Promise<void> {
    const backup = (await this.#taken()).find(candidate => candidate.id === id)
    if (backup)
      await this.#installation.api.delete(resources.backup, { namespace: this.#db.namespace, name: backup.object })
  }

  async window(): Promise<RestoreWindow> {
    return (await this.#spans()).map(spanView)
  }

  async makePoint(): Promise<RestorePoint> {
    throw new EngineError('unsupported', `Moments of "${this.#db.ref.name}" have no names here, because its archive is kept in Git. Any moment of the restore window can be restored without one.`)
  }

  /** Where a restore begins, or why it is not possible. */
  async choiceFor({ target }: RestoreSource): Promise<Choice<TakenBackup> | string> {
    return this.#db.cluster.delivered?.backupRefusal ?? chooseBackup(await this.#spans(), [], target)
  }

  archiveName(): ArchiveName {
    return this.#holdToArchive()
  }

  /** What a drill begins from, and where it looks for what it wrote. */
  drillSource(): DrillSource {
    const db = this.#db
    return {
      ref: db.ref,
      db,
      archive: new ServerArchive(db),
      name: this.#holdToArchive(),
      taken: async () => await this.#taken(),
      choose: async () => await this.choiceFor({ id: db.ref.id, target: { kind: 'latest' } }),
    }
  }

  /** A server that archives keeps what it has not archived yet, so there is no hole behind it. Of one that does not, only backups are sure. */
  async #spans(): Promise<readonly Span<TakenBackup>[]> {
    const backups = await this.#taken()
    const [oldest] = backups
    if (!oldest)
      return []
    const { cluster } = this.#db
    const isSure = cluster.delivered?.backupRefusal === undefined && !isArchivingFailing(cluster)
    const present = isSure ? await presentOf(this.#db) : undefined
    return present ? [spanFrom(oldest, backups, present)] : backups.map(backup => spanFrom(backup, [backup], endOf(backup)))
  }

  async #taken(): Promise<readonly TakenBackup[]> {
    return await deliveredBackups(this.#installation, this.#db)
  }

  #holdToArchive(): ArchiveName {
    const { archive, delivered } = this.#db.cluster
    if (!archive || delivered?.backupRefusal !== undefined)
      throw new EngineError('unsupported', delivered?.backupRefusal ?? 'It is not known yet what its Cluster is.')
    return archive
  }
}

function spanFrom(oldest: TakenBackup, backups: readonly TakenBackup[], { at, lsn }: Present): Span<TakenBackup> {
  const end = endOf(oldest)
  const segment = (position: bigint): Segment => ({ timeline: oldest.timeline, number: segmentAt(position) })
  return { from: end.at, to: at, fromLsn: end.lsn, toLsn: lsn, backups, first: segment(parseLsn(oldest.startLsn) ?? 0n), last: segment(lsn), isBeforeHole: false }
}

/** The earliest moment that can be restored with it. */
function endOf({ finishedAt, stopLsn }: TakenBackup): Present {
  return { at: new Date(finishedAt.getTime() + 1), lsn: parseLsn(stopLsn) ?? 0n }
}
