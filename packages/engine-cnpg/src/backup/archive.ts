import type { Segment } from '@howdah/postgres'
import type { Bucket } from '../bucket.ts'
import { EngineError } from '@howdah/engine'
import { segmentOf, segmentsAmong } from '@howdah/postgres'

/** Requests at a time: a bucket does not mind, and an archive may have tens of thousands of objects. */
const atOnce = 8

/** What a backup asks of the archive that it goes into. */
export interface ArchiveView {
  readonly hasSegment: (name: string) => Promise<boolean>
  /** Bytes that a base backup takes; null: nobody tells us. */
  readonly sizeOf: (backup: string) => Promise<number | null>
}

/** The archive of one database in the bucket, as Barman lays it out. */
export class Archive implements ArchiveView {
  readonly #bucket: Bucket
  readonly #root: string

  constructor(bucket: Bucket, id: string) {
    if (!/^[\w-]{1,64}$/.test(id))
      throw new EngineError('not-found', 'There is no such archive here.')
    this.#bucket = bucket
    this.#root = `${id}/`
  }

  /** Of one position only that of the newest timeline; in the order of their positions. */
  async segments(): Promise<readonly Segment[]> {
    return segmentsAmong((await this.#list('wals')).map(({ key }) => nameOf(key)))
  }

  async hasSegment(name: string): Promise<boolean> {
    return await this.#bucket.has(`${this.#root}wals/${name.slice(0, 16)}/${name}.gz`)
  }

  /** Bytes that a base backup takes. */
  async sizeOf(backup: string): Promise<number> {
    return (await this.#list(`base/${backup}`)).reduce((sum, { bytes }) => sum + bytes, 0)
  }

  async removeBackup(backup: string): Promise<void> {
    if (backup === '')
      return
    const keys = (await this.#list(`base/${backup}`)).map(({ key }) => key)
    // First what makes it one, so that a part of it is never taken for a whole.
    await this.#remove(keys.filter(key => nameOf(key) === 'backup'))
    await this.#remove(keys)
  }

  /** Histories of timelines are always needed. */
  async removeWalBefore(segment: number): Promise<void> {
    const objects = await this.#list('wals')
    // Labels of backups and parts of segments are named after theirs.
    await this.#remove(objects.map(({ key }) => key).filter(key => (segmentOf(nameOf(key).slice(0, 24))?.number ?? segment) < segment))
  }

  async remove(): Promise<void> {
    const keys = (await this.#list('')).map(({ key }) => key)
    await this.#remove(keys.filter(key => nameOf(key) === 'backup'))
    await this.#remove(keys)
  }

  async #list(folder: string) {
    return await this.#bucket.list(this.#root + folder)
  }

  async #remove(keys: readonly string[]): Promise<void> {
    for (let begin = 0; begin < keys.length; begin += atOnce)
      await Promise.all(keys.slice(begin, begin + atOnce).map(async key => await this.#bucket.remove(key)))
  }
}

/** Without what compression adds: `000000010000000000000003.gz`, `backup.info`. */
function nameOf(key: string): string {
  return (key.split('/').at(-1) ?? '').split('.')[0] ?? ''
}
