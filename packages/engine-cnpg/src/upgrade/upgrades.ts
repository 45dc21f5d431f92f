import type { Capabilities, DatabaseRef, DatabaseSpec, Plan, Progress, UpgradeOrder, UpgradeReport } from '@howdah/engine'
import type { Catalogue } from '@howdah/postgres'
import type { Database } from '../database.ts'
import type { InPlace } from '../in-place/in-place.ts'
import type { BackedInstallation, Installation } from '../installation.ts'
import { EngineError } from '@howdah/engine'
import { isBacked } from '../installation.ts'
import { planUpgrade } from './plan.ts'
import { Rehearsals } from './rehearsals.ts'
import { readReport } from './report.ts'

/** Upgrades to other majors, and their rehearsals. Both begin with what is in the archive, or can go back to it. */
export class Upgrades {
  readonly #installation: Installation
  readonly #inPlace: InPlace
  /** Undefined: the location keeps no backups. */
  readonly #rehearsals: Rehearsals | undefined

  constructor(installation: Installation, inPlace: InPlace) {
    this.#installation = installation
    this.#inPlace = inPlace
    this.#rehearsals = isBacked(installation) ? new Rehearsals(installation) : undefined
  }

  /** `offer`: what is there of the version that is asked for. */
  async plan(db: Database, spec: DatabaseSpec, offer: { readonly capabilities: Capabilities, readonly catalogue: Catalogue }): Promise<Plan> {
    return await planUpgrade(this.#backed(), db, spec, offer)
  }

  async rehearse(db: Database, order: Pick<UpgradeOrder, 'id' | 'version'>): Promise<Progress> {
    if (!this.#rehearsals)
      throw noBackups()
    return await this.#rehearsals.step(db, order)
  }

  async report(ref: DatabaseRef): Promise<UpgradeReport | undefined> {
    return await readReport(this.#installation, ref)
  }

  /** Of its own major: `ensure` has the servers restart with the image that is on offer now. */
  async upgrade(ref: DatabaseRef, db: Database | undefined, order: UpgradeOrder): Promise<Progress> {
    this.#backed()
    return db?.cluster.state.spec?.version === order.version && !db.cluster.isUpgrading ? { outcome: 'done' } : await this.#inPlace.upgrade(ref, db, order)
  }

  async sweep(): Promise<void> {
    await this.#rehearsals?.sweep()
  }

  #backed(): BackedInstallation {
    if (!isBacked(this.#installation))
      throw noBackups()
    return this.#installation
  }
}

function noBackups(): EngineError {
  return new EngineError('unsupported', 'This location keeps no backups, and without them an upgrade could neither be rehearsed nor undone.')
}
