import type { Diagnosis } from '@howdah/sdk'
import type { View } from '../output/view.ts'
import { exitCodes } from '../exit-codes.ts'
import { elapsed, printable } from '../output/format.ts'

const marks = { ok: '✓', failed: '✗', skipped: '·' } as const
const colours = { ok: 'green', failed: 'red', skipped: 'dim' } as const

export function diagnosisView(diagnosis: Diagnosis): View {
  const { ok, user, database, host, port, steps } = diagnosis
  const width = Math.max(...steps.map(({ name }) => name.length))
  return {
    data: diagnosis,
    text: ({ paint }) => [
      `${printable(user)} to ${printable(database)} at ${printable(host)}:${port}`,
      ...steps.flatMap(({ name, outcome, durationMs, detail, nextStep }) => [
        `  ${paint(colours[outcome], marks[outcome])} ${name.padEnd(width)}  ${printable(detail)}${durationMs === null ? '' : paint('dim', `  ${elapsed(durationMs)}`)}`.trimEnd(),
        ...nextStep ? [`    ${paint('bold', 'Next:')} ${printable(nextStep)}`] : [],
      ]),
      '',
    ].join('\n'),
    exitCode: exitCodes[ok ? 'ok' : 'failed'][0],
  }
}
