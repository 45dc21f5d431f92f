import type { Static } from 'typebox'
import { Type } from 'typebox'
import { closed, nullable, oneOf, Timestamp } from './common.ts'

/** What is measured of each database once a minute, and in what unit. */
export const metricUnits = {
  storageUsedBytes: 'bytes',
  connections: 'connections',
  transactionsPerSecond: 'transactions/s',
} as const
export type MetricName = keyof typeof metricUnits
export const metricNames = Object.keys(metricUnits) as readonly MetricName[]

/** Between two samples, and so the smallest step. */
export const metricStepSeconds = 60
export const metricsKeptHours = 24
/** Of one series: a day in the smallest step, and a bit more. */
export const mostMetricPoints = 1500

export const MetricsQuery = closed({
  names: Type.Optional(Type.Array(oneOf(metricNames), { maxItems: metricNames.length, description: 'Only these; may be repeated. Default: all' })),
  from: Type.Optional(Type.String({ format: 'date-time', description: `Default: ${metricsKeptHours} hours before \`to\`` })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'Default: now' })),
  step: Type.Optional(Type.Integer({ minimum: metricStepSeconds, maximum: 86_400, multipleOf: metricStepSeconds, default: metricStepSeconds, description: `Seconds; whole minutes. At most ${mostMetricPoints} steps are answered` })),
})

export const MetricSeries = closed({
  name: oneOf(metricNames),
  unit: oneOf(Object.values(metricUnits)),
  values: Type.Array(nullable(Type.Number()), { description: 'One for each step: the highest sample in it, so that no peak is hidden; null where nothing was seen' }),
}, { title: 'MetricSeries' })
export type MetricSeries = Static<typeof MetricSeries>

export const Metrics = closed({
  from: Type.String({ format: 'date-time', description: 'Begin of the first step, which is at or before the time that was asked for' }),
  to: Timestamp,
  stepSeconds: Type.Integer(),
  series: Type.Array(MetricSeries),
}, { title: 'Metrics', description: 'Value number i of a series is of the step that begins at from + i × stepSeconds' })
export type Metrics = Static<typeof Metrics>
