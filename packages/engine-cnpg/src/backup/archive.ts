import type { Segment } from '@howdah/postgres'
import type { Bucket } from '../bucket.ts'
import type { Database } from '../database.ts'
import { Buffer } from 'node:buffer'
import { gunzipSync } from 'node:zlib'
import { EngineError } from '@howdah/engine'
import { segmentOf } from '@howdah/postgres'

/** Requests at a time: a bucket does not mind, and an archive may have tens of thousands of objects. */
const atOnce = 8

/** What a backup asks of the archive that it goes into. */
export interface ArchiveView {
  readonly hasSegment: (name: string) => Promise<boolean>
  /** Bytes that a base backup takes; null: nobody tells us. */
  readonly sizeOf: (backup: string) => Promise<number | null>
}

/** What of the WAL is there. */
export interface ArchivedWal {
  /** Of all timelines, in no order. */
  readonly segments: readonly Segment[]
  /** Timelines whose history is there. */
  readonly histories: ReadonlySet<number>
}

/** What the bucket has of one server, as Barman lays it out. A database has one, and another one whenever its WAL begins anew. */
export class Archive implements ArchiveView {
  readonly #bucket: Bucket
  readonly #root: string

  constructor(bucket: Bucket, server: string) {
    if (!/^[\w-]{1,64}$/.test(server))
      throw new EngineError('not-found', 'There is no such archive here.')
    this.#bucket = bucket
    this.#root = `${server}/`
  }

  async wal(): Promise<ArchivedWal> {
    // What an old primary had of its last segment is not asked for by its name.
    const keys = (await this.#list('wals')).map(({ key }) => key).filter(key => !key.includes('.partial'))
    return {
      segments: keys.map(key => segmentOf(nameOf(key))).filter(segment => segment !== undefined),
      histories: new Set(keys.map(key => /\/([0-9A-F]{8})\.history\b/.exec(key)?.[1]).filter(hex => hex !== undefined).map(hex => Number.parseInt(hex, 16))),
    }
  }

  /** Which timelines were before this one. */
  async history(timeline: number): Promise<string> {
    const key = `${this.#root}wals/${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`
    const compressed = await this.#bucket.get(`${key}.gz`)
    if (compressed)
      return gunzipSync(compressed).toString()
    return Buffer.from(await this.#bucket.get(key) ?? []).toString()
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

/** Into which a database writes. */
export function archiveOfNow(bucket: Bucket, db: Database): Archive {
  return new Archive(bucket, serverOfNow(db))
}

export function serverOfNow({ cluster, ref }: Database): string {
  return cluster.archive?.server ?? ref.id
}

/** Without what compression adds: `000000010000000000000003.gz`, `backup.info`. */
function nameOf(key: string): string {
  return (key.split('/').at(-1) ?? '').split('.')[0] ?? ''
}
