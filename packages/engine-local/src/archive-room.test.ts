import { describe, expect, it } from 'vitest'
import { judgeRoom } from './archive-room.ts'

const gib = 2 ** 30

describe('room for WAL that the archive does not take', () => {
  it.each([
    ['plenty', { waiting: 3, freeBytes: 500 * gib, totalBytes: 1000 * gib }, false],
    ['a small disk with a third of it free', { waiting: 3, freeBytes: 7 * gib, totalBytes: 20 * gib }, false],
    ['less than a tenth of a small disk', { waiting: 3, freeBytes: gib, totalBytes: 20 * gib }, true],
    ['less than a tenth of a large disk, yet much', { waiting: 3, freeBytes: 50 * gib, totalBytes: 1000 * gib }, false],
    ['less than waits already', { waiting: 64 * 60, freeBytes: 50 * gib, totalBytes: 1000 * gib }, true],
  ])('%s', (_, room, isLow) => {
    expect(judgeRoom(room).isLow).toBe(isLow)
  })
})
