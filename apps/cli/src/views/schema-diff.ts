import type { SchemaDiff } from '@howdah/sdk'
import type { Paint } from '../output/paint.ts'
import type { View } from '../output/view.ts'
import { printable } from '../output/format.ts'

type Change = SchemaDiff['changes'][number]

/** As `diff` prints: lines of the other database with a minus, lines of this one with a plus. */
export function schemaDiff(diff: SchemaDiff): View {
  return {
    data: diff,
    text: ({ paint }) => diff.changes.length === 0
      ? `The schema of ${diff.database} is that of ${diff.against}.\n`
      : diff.changes.map(change => changeText(change, paint)).join(''),
  }
}

function changeText({ after, before, change, kind, name, schema }: Change, paint: Paint): string {
  const title = paint('bold', `${change} ${kind} ${printable(schema === '' || kind === 'schema' ? name : `${schema}.${name}`)}`)
  const [old, now] = [lines(before), lines(after)]
  const body = [
    ...old.filter(line => !now.includes(line)).map(line => paint('red', `  - ${line}`)),
    ...now.filter(line => !old.includes(line)).map(line => paint('green', `  + ${line}`)),
  ]
  return [title, ...body].map(line => `${line}\n`).join('')
}

function lines(text: string | null): string[] {
  return text === null ? [] : text.trimEnd().split('\n').map(printable)
}
