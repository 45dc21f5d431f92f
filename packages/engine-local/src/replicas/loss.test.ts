import { expect, it } from 'vitest'
import { lossInWords, lostBytes, oldEndOf } from './loss.ts'

const seen = { epoch: 1, end: 0x1200n, at: new Date('2026-01-02T03:04:05.678Z') }

it.each<[string, Parameters<typeof oldEndOf>[0], object, number | undefined, string]>([
  ['what was on the disk of the old one, and no replica took', { durability: 'async', received: 0x1000n, left: { end: 0x1400n, isWhole: true }, seen }, { kind: 'at-most', lsn: '0/1400' }, 0x300, 'at most 768 bytes of WAL are lost'],
  ['nothing where all of that was taken', { durability: 'async', received: 0x1100n, left: { end: 0x1100n, isWhole: true }, seen: undefined }, { kind: 'at-most', lsn: '0/1100' }, 0, 'nothing is lost'],
  ['with the disk gone, what the old one was seen to have, and what came after', { durability: 'async', received: 0x1000n, left: undefined, seen }, { kind: 'at-least', lsn: '0/1200', seenAt: '2026-01-02T03:04:05.678Z' }, 0x100, 'its WAL cannot be read: of what it had at 2026-01-02T03:04:05.678Z 256 bytes are lost, and what it wrote after that may be'],
  ['with a part of the disk gone, the same', { durability: 'async', received: 0x1000n, left: { end: 0x1010n, isWhole: false }, seen }, { kind: 'at-least', lsn: '0/1200', seenAt: '2026-01-02T03:04:05.678Z' }, 0x100, 'its WAL cannot be read: of what it had at 2026-01-02T03:04:05.678Z 256 bytes are lost, and what it wrote after that may be'],
  ['nobody knows what, where nobody had looked', { durability: 'async', received: 0x1000n, left: undefined, seen: undefined }, { kind: 'unknown' }, undefined, 'its WAL cannot be read, so what it had written last may be lost, and nobody knows how much that is'],
  ['with sync nothing that was acknowledged', { durability: 'sync', received: 0x1100n, left: undefined, seen }, { kind: 'at-most', lsn: '0/1100' }, 0, 'nothing is lost'],
])('a failover loses %s', (_, found, end, bytes, words) => {
  const old = oldEndOf(found)
  expect(old).toEqual(end)
  expect(lostBytes(old, 0x1100n)).toBe(bytes)
  expect(lossInWords(old, 0x1100n)).toBe(words)
})
