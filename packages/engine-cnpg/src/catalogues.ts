import type { Catalogue } from '@howdah/postgres'
import type { Database } from './database.ts'
import type { Image } from './location.ts'
import { knownCatalogue, maintenanceDatabase, readCatalogue } from '@howdah/postgres'

/** What servers of the location's images offer: settings and extensions. */
export class Catalogues {
  readonly #images: () => readonly Image[]
  /** By image, as a server of it said. */
  readonly #learned = new Map<string, Catalogue>()

  /** `images`: what is on offer now. */
  constructor(images: () => readonly Image[]) {
    this.#images = images
  }

  /** Of a major: as a server of its image said, or as PostgreSQL itself comes. */
  async for(major: number): Promise<Catalogue> {
    return this.#learned.get(this.#imageOf(major) ?? '') ?? await knownCatalogue(major) ?? { settings: [], extensions: [] }
  }

  async of(db: Database): Promise<Catalogue> {
    const image = this.#imageOf(db.cluster.state.spec?.version)
    const known = image === undefined ? undefined : this.#learned.get(image)
    if (known)
      return known
    const catalogue = await db.asSuperuser(maintenanceDatabase, readCatalogue)
    if (image !== undefined)
      this.#learned.set(image, catalogue)
    return catalogue
  }

  #imageOf(major: number | undefined): string | undefined {
    return this.#images().find(offered => offered.major === major)?.image
  }
}
