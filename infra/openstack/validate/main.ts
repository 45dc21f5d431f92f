/**
 * `node infra/openstack/validate/main.ts`: is this OpenStack in order? Asks its APIs as the account that OS_* names (an
 * administrator sees more), then makes a server and logs in. Ends with 1 when anything failed.
 */
import { writeFile } from 'node:fs/promises'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { withReach } from './reach.ts'
import { report, table } from './report.ts'
import { validate } from './validate.ts'

const { values } = parseArgs({
  options: {
    'image': { type: 'string' },
    'flavor': { type: 'string' },
    'external': { type: 'string' },
    'user': { type: 'string', default: 'debian' },
    'logs': { type: 'string' },
    'patience': { type: 'string', default: '300' },
    'report': { type: 'string' },
    'look-only': { type: 'boolean', default: false },
  },
})
const patience = Number(values.patience)
if (!Number.isInteger(patience) || patience < 1)
  throw new Error(`--patience is a number of seconds, not ${values.patience}`)

const begun = performance.now()
const options = { ...values, patience }
const findings = values['look-only']
  ? await validate(process.env, options)
  : await withReach(async reach => await validate(process.env, options, reach))
const result = report(findings, (performance.now() - begun) / 1000)
console.log(table(findings))
console.log(`\n${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped in ${result.seconds} s`)
if (values.report)
  await writeFile(values.report, `${JSON.stringify(result, undefined, 2)}\n`)
if (result.failed > 0)
  process.exitCode = 1
