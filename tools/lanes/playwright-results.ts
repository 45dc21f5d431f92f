import type { LaneResult } from './run-lane.ts'
import { readFile } from 'node:fs/promises'
import { shortened } from './shortened.ts'

interface Suite {
  readonly suites?: readonly Suite[]
  readonly specs: readonly {
    readonly file: string
    readonly title: string
    readonly tests: readonly {
      readonly status: 'expected' | 'unexpected' | 'flaky' | 'skipped'
      readonly results: readonly { readonly errors: readonly { readonly message?: string }[] }[]
    }[]
  }[]
}

interface JsonReport {
  readonly suites: readonly Suite[]
  /** What broke outside every test: a file that does not load, a server that does not start. */
  readonly errors: readonly { readonly message?: string }[]
}

/**
 * Count what Playwright's JSON report holds. A test that passed only when it was repeated failed; so did a run that
 * fails without a failed test.
 */
export async function readPlaywrightResults(file: string, isSuccess: boolean): Promise<LaneResult> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined)
    return { passed: 0, failed: [{ name: 'the run wrote no report', why: '' }], skipped: [] }
  const { suites, errors } = JSON.parse(text) as JsonReport // as Playwright documents it
  const tests = suites.flatMap(testsOf)
  const failed = [
    ...tests.filter(({ status }) => status === 'unexpected' || status === 'flaky').map(({ name, why }) => ({ name, why })),
    ...errors.map(({ message = '' }) => ({ name: 'outside every test', why: shortened([message]) })),
  ]
  return {
    passed: tests.filter(({ status }) => status === 'expected').length,
    failed: failed.length === 0 && !isSuccess ? [{ name: 'the run failed, none of its tests did', why: '' }] : failed,
    skipped: tests.filter(({ status }) => status === 'skipped').map(({ name }) => name),
  }
}

function testsOf(suite: Suite): { name: string, status: string, why: string }[] {
  return [
    ...suite.specs.flatMap(({ file, title, tests }) => tests.map(({ results, status }) => ({
      name: `${file}: ${title}`,
      status,
      why: shortened(results.flatMap(({ errors }) => errors.map(({ message = '' }) => message))),
    }))),
    ...(suite.suites ?? []).flatMap(testsOf),
  ]
}
