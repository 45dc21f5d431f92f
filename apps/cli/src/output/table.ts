import type { Colour, Paint } from './paint.ts'
import { printable } from './format.ts'

/** One column of a table of `T`. */
export interface Column<T> {
  readonly title: string
  readonly value: (item: T) => string
  readonly colour?: (item: T) => Colour | undefined
  readonly align?: 'right'
  /** May be cut to this width where the terminal is narrow. */
  readonly narrowest?: number
  /** Left out where cutting is not enough; higher goes first. Without it the column always stays. */
  readonly dispensable?: number
}

const gap = '  '

/** Aligned columns, cut to `width` if there is one. */
export function table<T>(items: readonly T[], columns: readonly Column<T>[], paint: Paint, width: number | undefined): string {
  const shown = fitting(items, columns, width)
  const header = shown.map(({ column, size }) => paint('bold', pad(column.title, size, column.align)))
  const rows = items.map(item => shown.map(({ column, size }) =>
    paint(column.colour?.(item), pad(cut(cell(column, item), size), size, column.align))))
  return [header, ...rows].map(line => `${line.join(gap).trimEnd()}\n`).join('')
}

interface Shown<T> { readonly column: Column<T>, readonly size: number }

function fitting<T>(items: readonly T[], columns: readonly Column<T>[], width: number | undefined): Shown<T>[] {
  let shown = columns.map(column => ({
    column,
    size: items.reduce((size, item) => Math.max(size, length(cell(column, item))), column.title.length),
  }))
  shown = shown.filter(({ column }) => column.dispensable === undefined || items.some(item => cell(column, item) !== ''))
  if (width === undefined)
    return shown
  while (shortest(shown) > width) {
    const next = shown.filter(({ column }) => column.dispensable !== undefined).sort((a, b) => (b.column.dispensable ?? 0) - (a.column.dispensable ?? 0))[0]
    if (!next)
      break
    shown = shown.filter(one => one !== next)
  }
  for (const [index, { column, size }] of shown.entries()) {
    const excess = total(shown) - width
    if (excess > 0 && column.narrowest !== undefined)
      shown[index] = { column, size: Math.max(Math.min(size, column.narrowest), size - excess) }
  }
  return shown
}

function total(shown: readonly Shown<never>[] | readonly { size: number }[]): number {
  return shown.reduce((sum, { size }) => sum + size, 0) + gap.length * (shown.length - 1)
}

function shortest<T>(shown: readonly Shown<T>[]): number {
  return total(shown.map(({ column, size }) => ({ size: Math.min(size, column.narrowest ?? size) })))
}

function cell<T>(column: Column<T>, item: T): string {
  return printable(column.value(item)).replace(/\s*\n\s*/g, ' ')
}

function length(text: string): number {
  return [...text].length
}

function cut(text: string, size: number): string {
  return length(text) > size
    ? `${[...text].slice(0, size - 1).join('')}…`
    : text
}

function pad(text: string, size: number, align: 'right' | undefined): string {
  const space = ' '.repeat(Math.max(0, size - length(text)))
  return align === 'right' ? space + text : text + space
}

/** `title   value` lines; empty values are left out. */
export function details(lines: readonly (readonly [title: string, value: string, colour?: Colour | undefined])[], paint: Paint): string {
  const shown = lines.filter(([, value]) => value !== '')
  const size = Math.max(...shown.map(([title]) => title.length))
  return shown.map(([title, value, colour]) => `${paint('dim', title.padEnd(size))}${gap}${paint(colour, printable(value))}\n`).join('')
}
