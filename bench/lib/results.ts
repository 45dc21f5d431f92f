import type { Outcome } from './bench.ts'
import type { Machine } from './machine.ts'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { root } from '../../tools/root.ts'
import { table } from './table.ts'

/** One run of one bench, as it stands in `results/<name>.json`. */
export interface Result extends Outcome {
  readonly name: string
  readonly title: string
  readonly isQuick: boolean
  readonly machine: Machine
  readonly seconds: number
  readonly notes: readonly string[]
}

const folder = join(root, 'bench', 'results')

export async function writeResult(result: Result): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${result.name}.json`), `${JSON.stringify(result, rounded, 2)}\n`)
}

/** The table of all results that there are, in the given order. */
export async function writeTable(order: readonly string[]): Promise<void> {
  const files = (await readdir(folder)).filter(file => file.endsWith('.json'))
  const names = order.filter(name => files.includes(`${name}.json`))
  const results = await Promise.all(names.map(async name => JSON.parse(await readFile(join(folder, `${basename(name)}.json`), 'utf8')) as Result)) // written by writeResult
  await writeFile(join(folder, 'README.md'), table(results))
}

/** Four digits are more than any of this is exact to. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value)
    ? Number(value.toPrecision(4))
    : value
}
