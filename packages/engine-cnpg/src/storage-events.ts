import type { Happening } from './events.ts'
import type { KubeObject } from './kubernetes/objects.ts'
import type { StorageLevel, storageLevelOf } from './phase.ts'
import { clusterLabel } from './names.ts'
import { gib } from './phase.ts'
import { amountOf } from './quota.ts'

/** What is kept of a volume claim of an instance. */
export interface VolumeView {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly cluster: string
  /** Bytes that it has, not those that were asked for; 0 before there is a volume. */
  readonly capacity: number
}

export interface VolumeClaimObject extends KubeObject {
  readonly spec?: { readonly storageClassName?: string, readonly resources?: { readonly requests?: { readonly storage?: string } } }
  readonly status?: {
    readonly capacity?: { readonly storage?: string }
    readonly conditions?: readonly { readonly type?: string, readonly status?: string, readonly message?: string }[]
  }
}

export function volumeView(object: KubeObject): VolumeView | undefined {
  const { metadata: { labels = {}, name, namespace = '', uid = '' }, status = {} } = object as VolumeClaimObject // the API's documented shape
  const cluster = labels[clusterLabel]
  return cluster === undefined ? undefined : { namespace, name, uid, cluster, capacity: amountOf(status.capacity?.storage ?? '0') }
}

export function growthHappening(before: VolumeView | undefined, after: VolumeView): Happening | undefined {
  if (!before || before.uid !== after.uid || before.capacity === 0 || after.capacity <= before.capacity)
    return undefined
  return {
    type: 'storage.grown',
    severity: 'info',
    message: `The volume ${after.name} has ${gib(after.capacity)} now; it had ${gib(before.capacity)}.`,
    details: { volume: after.name, fromBytes: before.capacity, toBytes: after.capacity },
  }
}

/** What moves around a level is told once: one that ended counts as over when there is clearly room again. */
export class StorageLevels {
  #told: StorageLevel | undefined

  /** `seen`: how full it is now, where that is known. What is seen first was told when it began. */
  next(seen: ReturnType<typeof storageLevelOf>): Happening | undefined {
    const before = this.#told
    if (!seen || seen.level === before || (seen.level === 'almost' && before !== undefined))
      return undefined
    const { level, message } = seen
    this.#told = level
    if (before === undefined || level === 'room' || (level === 'nearly-full' && before === 'full'))
      return undefined
    return { type: `storage.${level}`, severity: level === 'full' ? 'error' : 'warning', message, details: {} }
  }
}
