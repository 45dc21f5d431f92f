import { expect, it } from 'vitest'
import { plainNumber, quotaDraft, toQuota } from './quota-draft.ts'

it('an empty field is no limit, and a zero is one', () => {
  const quota = { databases: 0, storageGib: null, memoryMib: 512, cpu: 1.5 }
  expect(quotaDraft(quota)).toEqual({ databases: '0', storageGib: '', memoryMib: '512', cpu: '1.5' })
  expect(toQuota(quotaDraft(quota))).toEqual(quota)
})

it('a field takes numbers only, so that nothing else becomes no limit', () => {
  const pattern = new RegExp(`^(?:${plainNumber})$`)
  expect(['0', '12', '1.5'].every(text => pattern.test(text))).toBe(true)
  expect(['many', '-1', '1e9', '1,5', '.', 'NaN'].some(text => pattern.test(text))).toBe(false)
})
