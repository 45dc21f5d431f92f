export type Unit = 'µs' | 'ms' | 's' | 'requests/s' | 'kB' | 'MB' | '%'

/** What was measured, with what it is held against. */
export interface Figure {
  readonly name: string
  readonly unit: Unit
  /** How many times. */
  readonly n: number
  readonly p50: number
  readonly p99: number
  readonly min: number
  readonly max: number
  /** The floor or a peer, measured in the same run. `ratio`: our p50 to its p50. */
  readonly against?: { readonly name: string, readonly p50: number, readonly ratio: number }
  readonly target?: Target & { readonly isReached: boolean }
}

export interface Target {
  /** `1`: the figure is one value. */
  readonly of: 'p50' | 'p99' | 'max'
  readonly is: 'at most' | 'at least'
  readonly value: number
}

interface Comparison {
  readonly against?: Figure | undefined
  readonly target?: Target
}

/** A figure out of samples. */
export function figure(name: string, unit: Unit, samples: readonly number[], { against, target }: Comparison = {}): Figure {
  if (samples.length === 0)
    throw new Error(`there is no sample of "${name}"`)
  const sorted = Float64Array.from(samples).sort()
  const spread = {
    p50: percentile(sorted, 50),
    p99: percentile(sorted, 99),
    min: sorted[0]!,
    max: sorted.at(-1)!,
  }
  return {
    name,
    unit,
    n: samples.length,
    ...spread,
    ...against === undefined
      ? {}
      : { against: { name: against.name, p50: against.p50, ratio: spread.p50 / against.p50 } },
    ...target === undefined
      ? {}
      : { target: { ...target, isReached: isReached(spread[target.of], target) } },
  }
}

/** By nearest rank: a value that was measured, never one between two. */
function percentile(sorted: Float64Array, percent: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * percent / 100) - 1)]!
}

function isReached(seen: number, target: Target): boolean {
  return target.is === 'at most' ? seen <= target.value : seen >= target.value
}
