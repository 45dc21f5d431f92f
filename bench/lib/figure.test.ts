import { expect, it } from 'vitest'
import { figure } from './figure.ts'

it('a percentile is by nearest rank, whatever the order of the samples', () => {
  const samples = Array.from({ length: 200 }, (_, index) => (index * 7) % 200 + 1)
  expect(figure('f', 'ms', samples)).toMatchObject({ n: 200, p50: 100, p99: 198, min: 1, max: 200 })
  expect(figure('f', 'ms', [5])).toMatchObject({ n: 1, p50: 5, p99: 5, min: 5, max: 5 })
})

it('a target is held against the statistic that it names', () => {
  const reached = (of: 'p50' | 'p99' | 'max', is: 'at most' | 'at least', value: number) =>
    figure('f', 'ms', [1, 2, 30], { target: { of, is, value } }).target?.isReached
  expect(reached('p50', 'at most', 2)).toBe(true)
  expect(reached('p50', 'at most', 1.9)).toBe(false)
  expect(reached('max', 'at most', 29)).toBe(false)
  expect(reached('p50', 'at least', 2)).toBe(true)
  expect(reached('p50', 'at least', 3)).toBe(false)
})

it('a ratio is ours to the other, by their medians', () => {
  const against = figure('floor', 'ms', [10, 20, 30])
  expect(figure('ours', 'ms', [5], { against }).against).toEqual({ name: 'floor', p50: 20, ratio: 0.25 })
})

it('no samples are no figure', () => {
  expect(() => figure('f', 'ms', [])).toThrow('no sample')
})
