import type { Metrics } from '@howdah/sdk'
import { bytes } from './format.ts'

export type Series = Metrics['series'][number]

export const metricLabels: Readonly<Record<Series['name'], string>> = {
  storageUsedBytes: 'Storage',
  connections: 'Connections',
  transactionsPerSecond: 'Transactions per second',
}

const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 })

export function metricValue(unit: Series['unit'], value: number): string {
  return unit === 'bytes' ? bytes(value) : number.format(value)
}

export interface Summary {
  readonly last: string
  readonly lowest: string
  readonly highest: string
}

/** Undefined: nothing was seen. */
export function summaryOf({ unit, values }: Series): Summary | undefined {
  const seen = values.filter(value => value !== null)
  const last = seen.at(-1)
  if (last === undefined)
    return undefined
  const [lowest, highest] = [seen.reduce((a, b) => Math.min(a, b)), seen.reduce((a, b) => Math.max(a, b))]
  return { last: metricValue(unit, last), lowest: metricValue(unit, lowest), highest: metricValue(unit, highest) }
}

/** Begin of each step, in seconds. */
export function stepTimes({ from, stepSeconds, series }: Metrics): number[] {
  const begin = Date.parse(from) / 1000
  return Array.from(series[0]?.values ?? [], (_, index) => begin + index * stepSeconds)
}

/** Where one value stands between gaps, no line would show it. */
export function lonePoints(values: readonly (number | null | undefined)[]): number[] {
  const isGap = (value: number | null | undefined) => value === null || value === undefined
  return values.flatMap((value, index) => !isGap(value) && isGap(values[index - 1]) && isGap(values[index + 1]) ? [index] : [])
}
