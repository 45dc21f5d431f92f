import type { LogRecord } from '@howdah/sdk'
import { expect, it } from 'vitest'
import { joinRecords } from './join-records.ts'

/** A record of which only these are looked at. */
function record(second: number, message: string): LogRecord {
  return { at: `2026-11-25T12:00:0${second}.000Z`, pid: 1, severity: 'LOG', message } as LogRecord
}
const messages = (records: readonly LogRecord[] | undefined) => records?.map(({ message }) => message)

it('what was read twice is shown once', () => {
  expect(messages(joinRecords([record(1, 'a'), record(2, 'b')], [record(2, 'b'), record(3, 'c')]))).toEqual(['a', 'b', 'c'])
})

it('two records that say the same in the same moment are two', () => {
  const twice = [record(1, 'a'), record(1, 'a')]
  expect(messages(joinRecords(twice, twice))).toEqual(['a', 'a'])
  expect(messages(joinRecords([record(1, 'a')], twice))).toEqual(['a', 'a'])
})

it('a hole between them is said, and not hidden', () => {
  expect(joinRecords([record(1, 'a')], [record(2, 'b')])).toBeUndefined()
})

it('of nothing and something there is something', () => {
  expect(messages(joinRecords([], [record(1, 'a')]))).toEqual(['a'])
  expect(messages(joinRecords([record(1, 'a')], []))).toEqual(['a'])
})
