import { expect, it } from 'vitest'
import { inheritedLines } from './timelines.ts'

it('a timeline goes on from all before it, up to where each was left', () => {
  const history = '1\t0/5000148\tno recovery target specified\n\n2\t0/7000060\tno recovery target specified\n'
  expect(inheritedLines(history)).toEqual(new Map([[1, 0x5000148n], [2, 0x7000060n]]))
  expect(inheritedLines('')).toEqual(new Map())
})

it('it inherits nothing from what a restore gave up, nor from what lies before', () => {
  const restored = '1\t0/5000148\tno recovery target specified\n2\t0/7000060\tbefore 2026-11-21 04:02:59+00\n'
  expect(inheritedLines(restored)).toEqual(new Map())
  expect(inheritedLines(`${restored}3\t0/9000000\tno recovery target specified\n`)).toEqual(new Map([[3, 0x9000000n]]))
  expect(inheritedLines('1\t0/5000148\tbegan as another database\n')).toEqual(new Map())
})
