/** A process of its own that makes the load: the job comes in on standard input, what came of it goes out. */
import type { Job, Load } from './load.ts'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import autocannon from 'autocannon'
import { figure } from './figure.ts'

const { url, connections, seconds, headers } = JSON.parse(await text(process.stdin)) as Job // from load.ts
const latencies: number[] = []
const before = process.cpuUsage()
const begun = performance.now()
const run = autocannon({ url, connections, duration: seconds, headers }, (error, result) => {
  if (error)
    throw error
  const { user, system } = process.cpuUsage(before)
  const elapsedMs = performance.now() - begun
  const { p50, p99, max } = figure('latency', 'ms', latencies)
  process.stdout.write(JSON.stringify({
    requests: result['2xx'],
    failures: result.non2xx + result.errors + result.timeouts,
    perSecond: result['2xx'] / result.duration,
    p50Ms: p50,
    p99Ms: p99,
    maxMs: max,
    generatorPercent: (user + system) / 1000 / elapsedMs * 100,
  } satisfies Load))
})
// Its own histogram counts whole milliseconds.
run.on('response', (_client, _status, _bytes, milliseconds) => void latencies.push(milliseconds))
