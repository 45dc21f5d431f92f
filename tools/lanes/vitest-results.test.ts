import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readResults } from './vitest-results.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeAll(async () => {
  folder = await temporaryFolder()
})
afterAll(async () => await folder.remove())

type Tests = Record<string, 'passed' | 'failed' | 'skipped'>

/** As Vitest reports files with these tests; `engine: title` makes the title part of a suite. */
async function resultsOf(files: Record<string, { status: 'passed' | 'failed', tests: Tests }>, isSuccess: boolean, mayExclude?: string) {
  const path = join(folder.path, 'results.json')
  await writeFile(path, JSON.stringify({
    testResults: Object.entries(files).map(([name, { status, tests }]) => ({
      name,
      status,
      message: 'it does not load',
      assertionResults: Object.entries(tests).map(([fullName, status]) => ({
        status,
        fullName,
        failureMessages: status === 'failed' ? [`\u001B[31mError: ${fullName} differs\u001B[39m\n\n  - 1`] : [],
        title: fullName.split(': ').at(-1),
      })),
    })),
  }))
  return await readResults(path, isSuccess, mayExclude)
}

it('passed and failed tests are counted, skipped ones named', async () => {
  const files = { 'a.test.ts': { status: 'failed', tests: { one: 'passed', two: 'failed', three: 'skipped' } } } as const
  expect(await resultsOf(files, false)).toMatchObject({ passed: 1, failed: [{ name: expect.stringMatching(/a\.test\.ts: two$/), why: 'Error: two differs\n  - 1' }], skipped: [expect.stringMatching(/a\.test\.ts: three$/)] })
})

it('a file that breaks outside its tests is one failure, whatever it did not get to', async () => {
  const files = { 'a.test.ts': { status: 'failed', tests: { one: 'passed', two: 'skipped' } } } as const
  expect(await resultsOf(files, false)).toEqual({ passed: 1, failed: [{ name: expect.stringMatching(/a\.test\.ts$/), why: 'it does not load' }], skipped: [] })
})

it('a run that fails without a failed test is a failure', async () => {
  const files = { 'a.test.ts': { status: 'passed', tests: { one: 'passed' } } } as const
  expect(await resultsOf(files, false)).toEqual({ passed: 1, failed: [{ name: 'the run failed, none of its tests did', why: '' }], skipped: [] })
})

it('a run that wrote no report is a failure', async () => {
  expect(await readResults(join(folder.path, 'nothing.json'), true)).toEqual({ passed: 0, failed: [{ name: 'the run wrote no report', why: '' }], skipped: [] })
})

it('what one engine skips and another passes is not missing', async () => {
  const files = {
    'fake.test.ts': { status: 'passed', tests: { 'fake: logs in': 'skipped', 'fake: branches': 'skipped' } },
    'real.test.ts': { status: 'passed', tests: { 'real: logs in': 'passed' } },
  } as const
  expect(await resultsOf(files, true)).toEqual({ passed: 1, failed: [], skipped: [expect.stringMatching(/fake: branches$/)] })
})

it('what an engine may exclude is not missing, a test beside it that is skipped is', async () => {
  const files = { 'real.test.ts': { status: 'passed', tests: { 'port: branches': 'skipped', 'port: logs in': 'passed', 'fails over': 'skipped' } } } as const
  expect(await resultsOf(files, true, 'port:')).toEqual({ passed: 1, failed: [], skipped: [expect.stringMatching(/fails over$/)] })
})
