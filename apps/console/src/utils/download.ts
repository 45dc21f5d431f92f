/** Give a text to the person as a file. */
export function download(name: string, type: string, ...parts: readonly string[]): void {
  const url = URL.createObjectURL(new Blob([...parts], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}

/** One line of CSV (RFC 4180). A cell that a spreadsheet would run as a formula gets an apostrophe. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => {
    const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }).join(',')}\r\n`
}
