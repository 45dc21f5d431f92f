import type { LaneResult } from './run-lane.ts'
import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { root } from '../root.ts'
import { shortened } from './shortened.ts'

interface JsonReport {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    /** What broke outside its tests. */
    readonly message: string
    readonly assertionResults: readonly { readonly status: string, readonly title: string, readonly fullName: string, readonly failureMessages: readonly string[] }[]
  }[]
}

/**
 * Count what Vitest's JSON report holds. A file that fails outside its tests (it does not load, a hook throws) and a
 * run that fails without a failed test (an unhandled rejection) count as one failure each. `mayExclude`: as a lane has it.
 */
export async function readResults(file: string, isSuccess: boolean, mayExclude?: string): Promise<LaneResult> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined)
    return { passed: 0, failed: [{ name: 'the run wrote no report', why: '' }], skipped: [] }
  const { testResults } = JSON.parse(text) as JsonReport
  const tests = testResults.flatMap(({ name, assertionResults }) => assertionResults.map(test => ({ ...test, file: relative(root, name) })))
  const broken = testResults.filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some(test => test.status === 'failed'))
  const passed = tests.filter(test => test.status === 'passed')
  const failed = [
    ...tests.filter(test => test.status === 'failed').map(test => ({ name: nameOf(test), why: shortened(test.failureMessages) })),
    ...broken.map(({ message, name }) => ({ name: relative(root, name), why: shortened([message]) })),
  ]

  // One suite runs over several engines; what one of them cannot do is skipped for it. Nothing is lost of what passed for
  // another. Tests of a broken file are counted as its one failure.
  const passedSomewhere = new Set(passed.map(test => test.title))
  const brokenFiles = new Set(broken.map(({ name }) => relative(root, name)))
  const skipped = tests.filter(test => !['passed', 'failed'].includes(test.status) && !passedSomewhere.has(test.title) && !brokenFiles.has(test.file) && (mayExclude === undefined || !test.fullName.includes(mayExclude)))
  return {
    passed: passed.length,
    failed: failed.length === 0 && !isSuccess ? [{ name: 'the run failed, none of its tests did', why: '' }] : failed,
    skipped: skipped.map(nameOf),
  }
}

function nameOf({ file, fullName }: { readonly file: string, readonly fullName: string }): string {
  return `${file}: ${fullName}`
}
