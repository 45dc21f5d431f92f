import type { LaneResult } from './run-lane.ts'
import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { root } from '../root.ts'

interface JsonReport {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string, readonly fullName: string }[]
  }[]
}

/**
 * Count what Vitest's JSON report holds. A file that fails outside its tests (it does not load, a hook throws) and a
 * run that fails without a failed test (an unhandled rejection) count as one failure each.
 */
export async function readResults(file: string, isSuccess: boolean): Promise<LaneResult> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined)
    return { passed: 0, failed: 1, skipped: [] }
  const { testResults } = JSON.parse(text) as JsonReport
  let passed = 0
  let failed = 0
  const skipped: string[] = []
  for (const { name, status, assertionResults } of testResults) {
    const isBroken = status === 'failed' && !assertionResults.some(test => test.status === 'failed')
    failed += Number(isBroken)
    for (const test of assertionResults) {
      if (test.status === 'passed')
        passed += 1
      else if (test.status === 'failed')
        failed += 1
      else if (!isBroken)
        skipped.push(`${relative(root, name)}: ${test.fullName}`)
    }
  }
  return {
    passed,
    failed: failed === 0 && !isSuccess
      ? 1
      : failed,
    skipped,
  }
}
