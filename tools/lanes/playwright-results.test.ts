import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '@howdah/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readPlaywrightResults } from './playwright-results.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeAll(async () => folder = await temporaryFolder())
afterAll(async () => await folder.remove())

async function resultsOf(report: object, isSuccess: boolean) {
  const path = join(folder.path, 'results.json')
  await writeFile(path, JSON.stringify({ suites: [], errors: [], ...report }))
  return await readPlaywrightResults(path, isSuccess)
}
function spec(title: string, status: string) {
  return { file: 'a.spec.ts', title, tests: [{ status, results: [{ errors: status === 'expected' ? [] : [{ message: `${title} differs` }] }] }] }
}

it('passed and failed tests are counted wherever they are nested, skipped ones named', async () => {
  const suites = [{
    specs: [spec('one', 'expected'), spec('two', 'unexpected')],
    suites: [{ specs: [spec('three', 'expected'), spec('four', 'skipped')] }],
  }]
  expect(await resultsOf({ suites }, false)).toEqual({ passed: 2, failed: [{ name: 'a.spec.ts: two', why: 'two differs' }], skipped: ['a.spec.ts: four'] })
})

it('a test that passed only when it was repeated failed', async () => {
  expect(await resultsOf({ suites: [{ specs: [spec('one', 'flaky')] }] }, true)).toEqual({ passed: 0, failed: [{ name: 'a.spec.ts: one', why: 'one differs' }], skipped: [] })
})

it('what breaks outside the tests is a failure', async () => {
  expect(await resultsOf({ errors: [{ message: 'no server' }] }, false)).toEqual({ passed: 0, failed: [{ name: 'outside every test', why: 'no server' }], skipped: [] })
  expect(await resultsOf({ suites: [{ specs: [spec('one', 'expected')] }] }, false)).toEqual({ passed: 1, failed: [{ name: 'the run failed, none of its tests did', why: '' }], skipped: [] })
})

it('a run that wrote no report is a failure', async () => {
  expect(await readPlaywrightResults(join(folder.path, 'nothing.json'), true)).toEqual({ passed: 0, failed: [{ name: 'the run wrote no report', why: '' }], skipped: [] })
})
