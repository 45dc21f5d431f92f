const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** A curve of one line: the highest value of each part of the time, from its lowest to its highest. A gap is a dot. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const columns = Math.min(width, values.length)
  const highest = Array.from({ length: columns }, (_, column) => {
    const part = values.slice(Math.floor(column * values.length / columns), Math.floor((column + 1) * values.length / columns))
    return part.reduce((a, b) => b === null ? a : Math.max(a ?? b, b), null)
  })
  const seen = highest.filter(value => value !== null)
  if (seen.length === 0)
    return ''
  const bottom = Math.min(...seen)
  const span = Math.max(...seen) - bottom
  return highest.map(value => value === null ? '·' : blocks[span === 0 ? 0 : Math.round((value - bottom) / span * (blocks.length - 1))]).join('')
}
