/** What an engine can do. The create form, validation and skips in tests follow it; nobody asks which driver it is. */
export interface Capabilities {
  /** Major versions on offer, newest first; `default` is used when none is asked for. */
  readonly versions: readonly VersionCapability[]
  readonly defaultVersion: number
  readonly maxInstances: number
  readonly storage: {
    readonly minGib: number
    readonly maxGib: number
    readonly defaultGib: number
    /** True: a database cannot use more than it asked for. False: going over makes it `degraded`, with an event. */
    readonly enforced: boolean
    /** True: a database can get more of it later. */
    readonly canGrow: boolean
  }
  readonly cpu: { readonly min: number, readonly max: number, readonly default: number, readonly enforced: boolean }
  readonly memory: { readonly minMib: number, readonly maxMib: number, readonly defaultMib: number, readonly enforced: boolean }
  readonly durability: readonly ('async' | 'sync')[]
  /** True: `switchOver` can be asked for. */
  readonly switchover: boolean
  readonly hibernate: boolean
  /** True: `destroy` can leave the volumes. */
  readonly keepVolumes: boolean
  /** `none`: cannot branch. `copy`: takes time in proportion to the size. `snapshot`: takes what the storage takes for a snapshot and a volume of it. */
  readonly branch: 'none' | 'copy' | 'copy-on-write' | 'snapshot'
  readonly backup: boolean
  /** True: a backup can be taken by the method `snapshot`. */
  readonly snapshot: boolean
  /** True: backups are proved by restoring them. */
  readonly drill: boolean
  /** True: `restore` can be asked for. */
  readonly restoreInPlace: boolean
  /** True: `upgrade` and `rehearseUpgrade` can be asked for. */
  readonly upgrade: boolean
  readonly pooler: boolean
  /** True: `allowedCidrs` is honoured. */
  readonly allowedCidrs: boolean
}

export interface VersionCapability {
  readonly major: number
  /** Full version of the binaries, such as `18.4`. */
  readonly version: string
  /** Where the binaries come from, in words for an operator, such as `bundled` or `system`. */
  readonly source: string
}
