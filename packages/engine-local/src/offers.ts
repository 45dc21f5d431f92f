import type { Catalogue } from '@howdah/postgres'
import type { Database } from './database.ts'
import type { Installation } from './installation.ts'
import type { NewMajor } from './upgrade/target.ts'
import type { WarmPool } from './warm-pool.ts'
import { EngineError } from '@howdah/engine'
import { installBinaries } from './binaries.ts'

/** What the binaries of this machine offer, by major version. */
export class Offers {
  readonly #installation: Installation
  readonly #pool: WarmPool

  constructor(installation: Installation, pool: WarmPool) {
    this.#installation = installation
    this.#pool = pool
  }

  /** The best of a major version, and the template of its databases; undefined where it is not here. */
  async of(major: number): Promise<(NewMajor['template'] & Pick<NewMajor, 'binaries'>) | undefined> {
    const best = this.#installation.binaries.find(set => set.major === major)
    if (!best)
      return undefined
    const binaries = await installBinaries(best, this.#installation.paths.root)
    return { ...await this.#pool.template(binaries), binaries }
  }

  async newMajor(version: number): Promise<NewMajor> {
    const offer = await this.of(version)
    if (!offer)
      throw new EngineError('unsupported', `PostgreSQL ${version} is not on this machine.`, { pointer: '/version' })
    return { binaries: offer.binaries, template: offer }
  }

  async catalogueOf({ identity }: Database): Promise<Catalogue> {
    const offer = await this.of(identity.major)
    if (!offer)
      throw new EngineError('unavailable', `PostgreSQL ${identity.major} is not on this machine any more; install it again.`)
    return offer.catalogue
  }
}
