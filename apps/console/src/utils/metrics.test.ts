import { expect, it } from 'vitest'
import { lonePoints, stepTimes, summaryOf } from './metrics.ts'

const series = (values: (number | null)[]) => ({ name: 'connections', unit: 'connections', values }) as const

it('the last value is the last that was seen, whatever gap follows', () => {
  expect(summaryOf(series([4, 1, 9, 3, null, null]))).toEqual({ last: '3', lowest: '1', highest: '9' })
})

it('of nothing there is no summary, and no zero', () => {
  expect(summaryOf(series([null, null]))).toBeUndefined()
  expect(summaryOf(series([]))).toBeUndefined()
})

it('nothing used is a value, not a gap', () => {
  expect(summaryOf(series([0]))).toEqual({ last: '0', lowest: '0', highest: '0' })
})

it('each value is of the step that begins so many steps after the first', () => {
  expect(stepTimes({ from: '2026-03-01T10:00:00.000Z', to: '2026-03-01T10:03:00.000Z', stepSeconds: 60, series: [series([1, null, 2])] })).toEqual([1772359200, 1772359260, 1772359320])
})

it('a value between two gaps is drawn as a point', () => {
  expect(lonePoints([7, null, 1, null, 2, 3, null, 4])).toEqual([0, 2, 7])
})
