import type { Bench, Context } from './lib/bench.ts'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { audit } from './audit.ts'
import { backup } from './backup.ts'
import { bed } from './bed.ts'
import { branch } from './branch.ts'
import { burst } from './burst.ts'
import { webConsole } from './console.ts'
import { create } from './create.ts'
import { failover } from './failover.ts'
import { fleet } from './fleet.ts'
import { get } from './get.ts'
import { idle } from './idle.ts'
import { kubernetes } from './kubernetes.ts'
import { lookAtMachine } from './lib/machine.ts'
import { writeResult, writeTable } from './lib/results.ts'
import { list } from './list.ts'
import { notice } from './notice.ts'
import { outage } from './outage.ts'
import { start } from './start.ts'

const benches: readonly Bench[] = [create, burst, get, list, notice, idle, start, audit, webConsole, backup, branch, failover, bed, kubernetes, outage, fleet]
const names = benches.map(bench => bench.name)
const undos: (() => Promise<void>)[] = []

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
  allowPositionals: true,
})

async function runOne(bench: Bench, isQuick: boolean): Promise<void> {
  const notes: string[] = []
  const say = (text: string): void => console.log(`  ${text}`)
  const context: Context = {
    isQuick,
    say,
    note: text => void (notes.includes(text) || notes.push(text)),
    afterwards: undo => void undos.push(undo),
  }
  console.log(`${bench.name}: ${bench.title}`)
  const machine = await lookAtMachine()
  const begun = performance.now()
  try {
    const outcome = await bench.run(context)
    for (const { name, unit, n, p50, p99, against, target } of outcome.figures)
      say(`${name}: p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ${unit} (n=${n})${against ? `; ${against.name} ${against.p50.toFixed(1)}` : ''}${target ? target.isReached ? ', reached' : ', MISSED' : ''}`)
    await writeResult({ name: bench.name, title: bench.title, isQuick, machine, seconds: (performance.now() - begun) / 1000, notes, ...outcome })
    await writeTable(names)
  }
  finally {
    await undo()
  }
}

async function undo(): Promise<void> {
  for (let next = undos.pop(); next; next = undos.pop())
    await next()
}

async function main(): Promise<number> {
  const unknown = positionals.filter(name => !names.includes(name))
  if (values.help || unknown.length > 0) {
    console.log(`Usage: npm run bench -- [--quick] [${names.join(' | ')}]…`)
    return unknown.length > 0 ? 2 : 0
  }
  let code = 0
  for (const bench of benches.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    try {
      await runOne(bench, values.quick)
    }
    catch (error) {
      console.error(error)
      code = 1
    }
  }
  return code
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void undo().finally(() => process.exit(1)))
process.exitCode = await main()
