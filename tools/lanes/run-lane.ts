import type { Lane } from './lanes.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Missing } from '../needs/missing.ts'
import { root } from '../root.ts'
import { run } from '../run.ts'
import { readPlaywrightResults } from './playwright-results.ts'
import { readResults } from './vitest-results.ts'

export interface Failure {
  readonly name: string
  /** Empty where its name says it. */
  readonly why: string
}

export interface LaneResult {
  readonly passed: number
  /** So that the end of a long run says it again. */
  readonly failed: readonly Failure[]
  /** What did not run, and why. */
  readonly skipped: readonly string[]
}

export async function runLane(lane: Lane, filters: readonly string[]): Promise<LaneResult> {
  for (const need of lane.needs ?? []) {
    try {
      await need()
    }
    catch (error) {
      if (error instanceof Missing) {
        return {
          passed: 0,
          failed: [],
          skipped: [`${lane.name}: ${error.message}`],
        }
      }
      throw error
    }
  }
  if (lane.project)
    return await runVitest(lane.project, filters, lane.mayExclude)
  if (lane.playwright)
    return await runPlaywright(lane.playwright, filters)
  const [command, ...args] = lane.command ?? ['true']
  const isPassed = await run(bin(command), [
    ...args,
    ...filters,
  ]) === 0
  return {
    passed: Number(isPassed),
    failed: isPassed ? [] : [{ name: command, why: '' }],
    skipped: [],
  }
}

async function runVitest(project: string, filters: readonly string[], mayExclude: string | undefined): Promise<LaneResult> {
  return await withReport(async (file) => {
    const code = await run(bin('vitest'), [
      'run',
      `--project=${project}`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...filters,
    ])
    return await readResults(file, code === 0, mayExclude)
  })
}

async function runPlaywright(config: string, filters: readonly string[]): Promise<LaneResult> {
  return await withReport(async (file) => {
    const code = await run(bin('playwright'), ['test', '--config', config, '--reporter=list,json', ...filters], { env: { PLAYWRIGHT_JSON_OUTPUT_FILE: file } })
    return await readPlaywrightResults(file, code === 0)
  })
}

async function withReport(read: (file: string) => Promise<LaneResult>): Promise<LaneResult> {
  const folder = await mkdtemp(join(tmpdir(), 'howdah-lane-'))
  try {
    return await read(join(folder, 'results.json'))
  }
  finally {
    await rm(folder, { recursive: true })
  }
}

function bin(command: string): string {
  return join(root, 'node_modules', '.bin', command)
}
