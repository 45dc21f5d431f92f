import { expect, it } from 'vitest'
import { sparkline } from './sparkline.ts'

it('goes from the lowest to the highest value', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8)).toBe('▁▂▃▄▅▆▇█')
})

it('shows a gap as a gap, and never as nothing used', () => {
  expect(sparkline([5, null, null, 9], 4)).toBe('▁··█')
})

it('keeps the peak of each part where there is less room than values', () => {
  expect(sparkline([0, 0, 0, 9, 0, 0, null, 0], 4)).toBe('▁█▁▁')
})

it('lies flat where nothing moves, and is empty where nothing was seen', () => {
  expect(sparkline([3, 3, 3], 10)).toBe('▁▁▁')
  expect(sparkline([null, null], 10)).toBe('')
  expect(sparkline([], 10)).toBe('')
})
