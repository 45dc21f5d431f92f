import type { Metrics, MetricsQuery } from '@howdah/contract'
import type { Static } from 'typebox'
import type { Caller } from './caller.ts'
import type { Domain } from './domain.ts'
import { metricNames, metricsKeptHours, metricStepSeconds, metricUnits, mostMetricPoints } from '@howdah/contract'
import { readMetricSteps } from '../store/metric-samples.ts'
import { getDatabase } from './databases.ts'
import { invalid } from './errors.ts'

/** What was measured of a database, step by step. A step without a sample is a gap. */
export async function readMetrics(domain: Domain, caller: Caller, name: string, query: Static<typeof MetricsQuery>): Promise<Metrics> {
  const database = await getDatabase(domain, caller, name)
  const { from, to, stepSeconds, steps } = rangeOf(query)
  const found = await readMetricSteps(domain.store.db, database.id, { from, to, stepSeconds })
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    stepSeconds,
    series: [...new Set(query.names ?? metricNames)].map((name) => {
      const values = Array.from<number | null>({ length: steps }).fill(null)
      for (const row of found)
        values[row.step] = row[name]
      return { name, unit: metricUnits[name], values }
    }),
  }
}

/** Steps begin at whole multiples of their length, so that asking again a moment later answers the same ones. */
function rangeOf(query: Static<typeof MetricsQuery>): { from: Date, to: Date, stepSeconds: number, steps: number } {
  const stepSeconds = query.step ?? metricStepSeconds
  const stepMs = stepSeconds * 1000
  const end = query.to === undefined ? Date.now() : Date.parse(query.to)
  const begin = query.from === undefined ? end - metricsKeptHours * 3_600_000 : Date.parse(query.from)
  if (begin >= end)
    throw invalid('?from', query.to === undefined ? 'Must be in the past' : 'Must be before `to`')
  const first = Math.floor(begin / stepMs)
  const steps = Math.ceil(end / stepMs) - first
  if (steps > mostMetricPoints)
    throw invalid('?step', `Would answer ${steps} steps, and at most ${mostMetricPoints} are answered: ask for longer steps or a shorter time`)
  return { from: new Date(first * stepMs), to: new Date((first + steps) * stepMs), stepSeconds, steps }
}
