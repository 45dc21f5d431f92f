import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { databaseName, list, option, text } from '../../input/parameters.ts'
import { duration, moment } from '../../input/values.ts'
import { metricList } from '../../views/metrics.ts'

export const metrics = defineCommand({
  summary: 'Show storage, connections and transactions over time',
  description: 'Measured once a minute and kept for a day; a gap is a time in which nothing was seen.',
  examples: ['howdah metrics orders', 'howdah metrics orders --since 1h --metric connections', 'howdah metrics orders --step 15m -o json'],
  parameters: {
    name: databaseName,
    metric: list('--metric <name>', 'only this one; may be repeated', { field: '?names' }),
    since: text('--since <time>', 'a time, or a duration ago (default: 24h)', { field: '?from' }),
    until: text('--until <time>', 'a time, or a duration ago', { field: '?to' }),
    step: option('--step <duration>', 'whole minutes (default: 1m)', seconds, { field: '?step' }),
  },
  async run(context, { name, metric, since, until, step }) {
    const now = context.terminal.now()
    const metrics = await (await context.client()).databases.metrics(name, given({
      // The server knows the names and tells them when one is wrong.
      names: metric as never,
      from: since && moment(since, now),
      to: until && moment(until, now),
      step,
    }), { signal: context.terminal.signal })
    return metricList(metrics)
  },
})

function seconds(text: string): number {
  return duration(text) / 1000
}
