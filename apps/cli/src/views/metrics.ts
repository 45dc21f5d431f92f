import type { Metrics } from '@howdah/sdk'
import type { View } from '../output/view.ts'
import { bytes } from '../output/format.ts'
import { sparkline } from '../output/sparkline.ts'
import { listView } from '../output/view.ts'

type Series = Metrics['series'][number]

const lineWidth = 40

export function metricList(metrics: Metrics): View {
  return {
    ...listView(metrics.series, () => [
      { title: 'METRIC', value: ({ name }) => name },
      { title: 'LAST', value: series => shown(series, series.values.findLast(isSeen)), align: 'right' },
      { title: 'LOWEST', value: series => shown(series, extreme(series, (a, b) => Math.min(a, b))), align: 'right', dispensable: 2 },
      { title: 'HIGHEST', value: series => shown(series, extreme(series, (a, b) => Math.max(a, b))), align: 'right', dispensable: 1 },
      { title: 'OVER TIME', value: ({ values }) => sparkline(values, lineWidth), dispensable: 3 },
    ], 'There is no metric.'),
    data: metrics,
  }
}

function isSeen(value: number | null): value is number {
  return value !== null
}

function extreme({ values }: Series, pick: (a: number, b: number) => number): number | undefined {
  const seen = values.filter(isSeen)
  return seen.length === 0 ? undefined : seen.reduce(pick)
}

function shown({ unit }: Series, value: number | undefined): string {
  if (value === undefined)
    return '-'
  return unit === 'bytes' ? bytes(value) : String(value)
}
