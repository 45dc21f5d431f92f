/**
 * `npm test [lane …] [filter …]`: the lanes that are named, else every one that this machine can run and that need not
 * be named; one after the other, and at the end one line with the sum. A lane that cannot run here is skipped and says
 * why; with CI=true that is a failure.
 */
import type { Failure } from './run-lane.ts'
import process from 'node:process'
import { styleText } from 'node:util'
import { changedFiles } from './changed-files.ts'
import { isChosen } from './is-chosen.ts'
import { lanes } from './lanes.ts'
import { runLane } from './run-lane.ts'

const isCi = process.env.CI === 'true'
const { chosen, filters } = choose(process.argv.slice(2), await changedFiles())
const rows: { name: string, outcome: string, seconds: string }[] = []
const failures: Failure[] = []
let passed = 0

for (const lane of chosen) {
  console.log(styleText('bold', `\n── ${lane.name}: ${lane.what}`))
  const begun = performance.now()
  const result = await runLane(lane, filters)
  passed += result.passed
  failures.push(...result.failed.map(({ name, why }) => ({ name: `${lane.name}: ${name}`, why })))
  for (const reason of result.skipped)
    console.log(styleText('yellow', `skipped: ${reason}`))
  if (isCi)
    failures.push(...result.skipped.map(reason => ({ name: `${lane.name}, skipped: ${reason}`, why: '' })))
  rows.push({
    name: lane.name,
    outcome: [
      `${result.passed} passed`,
      result.failed.length > 0 && `${result.failed.length} failed`,
      result.skipped.length > 0 && `${result.skipped.length} skipped`,
    ].filter(Boolean).join(', '),
    seconds: `${((performance.now() - begun) / 1000).toFixed(1)} s`,
  })
}

console.log()
for (const { name, outcome, seconds } of rows)
  console.log(`${name.padEnd(10)} ${seconds.padStart(8)}   ${outcome}`)
if (isCi)
  console.log('CI=true: what was skipped counts as failed.')
for (const { name, why } of failures) {
  console.log(styleText('red', `failed: ${name}`))
  if (why !== '')
    console.log(why.replaceAll(/^/gm, '    '))
}
console.log(`${passed} passed, ${failures.length} failed`)
if (failures.length > 0 || passed === 0)
  process.exitCode = 1

/** Lane names first, then what they get as filters; filters alone mean the unit lane. */
function choose(args: string[], changed: readonly string[] | undefined): { chosen: typeof lanes, filters: string[] } {
  const names = args.filter((arg, index) => args.slice(0, index + 1).every(isLane))
  const filters = args.slice(names.length)
  const wanted = names.length === 0 && filters.length > 0
    ? ['unit']
    : names
  return {
    chosen: wanted.length === 0
      ? lanes.filter(lane => isChosen(lane, { isCi, changed }))
      : lanes.filter(lane => wanted.includes(lane.name)),
    filters,
  }
}

function isLane(name: string): boolean {
  return lanes.some(lane => lane.name === name)
}
