import { expect, it } from 'vitest'
import { csvLine } from './download.ts'

it.each(['=HYPERLINK("http://evil")', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('%j is text to a spreadsheet, not a formula', (cell) => {
  expect(csvLine([cell]).replaceAll('"', '')).toMatch(/^'/)
})

it('what separates cells and lines stands in quotes', () => {
  expect(csvLine(['a,b', 'say "hi"', 'two\nlines', 'plain'])).toBe('"a,b","say ""hi""","two\nlines",plain\r\n')
})
