import type { Colour, Paint } from './paint.ts'
import type { Column } from './table.ts'
import { stringify } from 'yaml'
import { details, table } from './table.ts'

export const formats = ['table', 'json', 'yaml'] as const
export type Format = typeof formats[number]

/** How something is shown to a person. */
export interface Style {
  readonly paint: Paint
  readonly width: number | undefined
  readonly now: number
}

/** What a command answers: data for programs, and its look for people. */
export interface View {
  readonly data: unknown
  readonly text: (style: Style) => string
  /** Default: 0 */
  readonly exitCode?: number
}

export function rendered(view: View, format: Format, style: Style): string {
  if (format === 'json')
    return `${JSON.stringify(view.data, null, 2)}\n`
  if (format === 'yaml')
    return stringify(view.data)
  return view.text(style)
}

/** One line of a stream: JSON lines, YAML documents, or text. */
export function renderedRecord(view: View, format: Format, style: Style): string {
  if (format === 'json')
    return `${JSON.stringify(view.data)}\n`
  if (format === 'yaml')
    return `---\n${stringify(view.data)}`
  return view.text(style)
}

/** A table; `empty` is said where there is nothing. */
export function listView<T>(items: readonly T[], columns: (style: Style) => readonly Column<T>[], empty: string): View {
  return {
    data: items,
    text: style => items.length === 0
      ? `${empty}\n`
      : table(items, columns(style), style.paint, style.width),
  }
}

/** One thing, line by line. */
export function detailView(data: unknown, lines: (style: Style) => readonly (readonly [title: string, value: string, colour?: Colour | undefined])[]): View {
  return { data, text: style => details(lines(style), style.paint) }
}

/** A sentence. */
export function textView(data: unknown, text: string): View {
  return { data, text: () => `${text}\n` }
}
