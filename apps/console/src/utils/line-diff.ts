export interface DiffLine { readonly kind: 'same' | 'added' | 'removed', readonly text: string }

/** Lines that were taken away and added, by their longest common subsequence. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const [a, b] = [before, after].map(text => text === '' ? [] : text.split('\n')) as [string[], string[]] // two texts, two lists
  // common[i][j]: how many lines the ends from i and from j have in common.
  const common = Array.from({ length: a.length + 1 }, () => Array.from<number>({ length: b.length + 1 }).fill(0))
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--)
      common[i]![j] = a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!)
  }
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: 'same', text: a[i]! })
      i++
      j++
    }
    else if (j === b.length || (i < a.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push({ kind: 'removed', text: a[i++]! })
    }
    else {
      lines.push({ kind: 'added', text: b[j++]! })
    }
  }
  return lines
}
