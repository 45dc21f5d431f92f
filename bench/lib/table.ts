import type { Figure } from './figure.ts'
import type { Result } from './results.ts'
import { busyAbovePercent } from './machine.ts'

/** The results as Markdown. */
export function table(results: readonly Result[]): string {
  const lines = [
    '# Figures',
    '',
    'Made by `npm run bench`; how each one is taken stands in [bench/README.md](../README.md). What a figure is held',
    'against was measured in the same run. A ratio is our p50 to that one\'s.',
    '',
    row(['', 'n', 'p50', 'p99', 'min', 'max', 'against', 'ratio', 'to reach', '']),
    row(['---', ...Array.from<string>({ length: 5 }).fill('---:'), '---', '---:', '---', '---']),
    ...results.flatMap(result => [
      row([`**${result.title}**`, ...Array.from<string>({ length: 9 }).fill('')]),
      ...result.figures.map(figureRow),
    ]),
    '',
    '## On what',
    '',
    row(['bench', 'at', 'commit', 'cores', 'memory', 'fdatasync p50', 'load before', 'others before', 'took']),
    row(['---', '---', '---', '---:', '---:', '---:', '---:', '---:', '---:']),
    ...results.map(({ name, machine, seconds }) => row([
      name,
      machine.at.slice(0, 16).replace('T', ' '),
      machine.commit,
      String(machine.cores),
      `${machine.memoryGib} GiB`,
      `${short(machine.fdatasyncMs.p50)} ms`,
      short(machine.loadAverage),
      `${short(machine.busyPercent)} %`,
      `${Math.round(seconds)} s`,
    ])),
    '',
    ...new Set(results.map(({ machine }) => `${machine.cpu}, Linux ${machine.kernel}, Node ${machine.node}.`)),
    '',
    ...remarks(results),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

function figureRow({ name, unit, n, p50, p99, min, max, against, target }: Figure): string {
  const isOne = n === 1
  const shown = (value: number): string => isOne ? '' : short(value)
  return row([
    `${name}, ${unit}`,
    String(n),
    short(p50),
    shown(p99),
    shown(min),
    shown(max),
    against === undefined ? '' : `${against.name}: ${short(against.p50)}`,
    against === undefined ? '' : against.ratio.toFixed(2),
    target === undefined ? '' : `${isOne ? '' : `${target.of} `}${target.is} ${short(target.value)}`,
    target === undefined ? '' : target.isReached ? 'reached' : '**missed**',
  ])
}

function remarks(results: readonly Result[]): string[] {
  const all = results.flatMap(({ name, notes, isQuick, machine }) => [
    ...isQuick ? [`- ${name}: a quick run, whose figures mean nothing.`] : [],
    ...machine.busyPercent > busyAbovePercent ? [`- ${name}: the machine was busy with other work (${short(machine.busyPercent)} % of its cores just before), so these figures are worse than it can do.`] : [],
    ...notes.map(note => `- ${name}: ${note}`),
  ])
  return all.length === 0 ? [] : ['## Remarks', '', ...all]
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function short(value: number): string {
  return Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toPrecision(3)))
}
