import type { ClusterSpec } from './manifests/cluster.ts'

/** What of a database's spec is in effect. In an annotation of its Cluster, so that whoever comes next knows it too. */
export interface State {
  /** Generation that is wholly in effect; 0 until the first one is. */
  readonly generation: number
  /** True: our roles are in the server. */
  readonly isConfigured: boolean
  /** True: the owner logged in once. Until then it is being made. */
  readonly isProven: boolean
  /** True: its replay got as far as it has to, so somebody may be let in. */
  readonly isReplayed: boolean
  /** What it lacks of its archive, for which nobody is ever let in; empty: nothing. */
  readonly shortfall: string
  readonly restartToken: string
  readonly extensions: readonly string[]
  /** Digest of the manifest that the servers were seen to run with. */
  readonly manifest: string
  readonly spec: AppliedSpec | undefined
  /** The last one that was asked for. */
  readonly switchover: Switchover | undefined
}

export interface Switchover {
  readonly id: string
  /** Names of pods. */
  readonly from: string
  readonly to: string
  readonly isDone: boolean
}

export type AppliedSpec = Pick<ClusterSpec, 'version' | 'instances' | 'storageGib' | 'cpu' | 'memoryMib' | 'durability' | 'parameters' | 'allowedCidrs' | 'hibernated'>

const nothing: State = { generation: 0, isConfigured: false, isProven: false, isReplayed: false, shortfall: '', restartToken: '', extensions: [], manifest: '', spec: undefined, switchover: undefined }

/** What cannot be read counts as nothing: every step towards a spec may be made again. */
export function parseState(text: string | undefined): State {
  if (text === undefined)
    return nothing
  try {
    return { ...nothing, ...JSON.parse(text) as Partial<State> } // our own annotation
  }
  catch (error) {
    if (error instanceof SyntaxError)
      return nothing
    throw error
  }
}

export function appliedSpec(spec: ClusterSpec): AppliedSpec {
  const { allowedCidrs, cpu, durability, hibernated, instances, memoryMib, parameters, storageGib, version } = spec
  return { version, instances, storageGib, cpu, memoryMib, durability, parameters, allowedCidrs, hibernated }
}
