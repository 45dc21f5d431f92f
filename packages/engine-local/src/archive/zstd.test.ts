import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { compress, contentSize, decompress } from './zstd.ts'

/** Around the limits of each width that a head may have for a size. */
const sizes = [0, 1, 255, 256, 257, 65_535, 65_791, 65_792, 2 ** 20, 8 * 2 ** 20, 16 * 2 ** 20]

it.each(sizes)('%i bytes come back as they were, and the head says how many they are', async (size) => {
  for (const content of [Buffer.alloc(size, 'howdah'), randomBytes(size)]) {
    const compressed = await compress(content)
    expect(contentSize(compressed)).toBe(size)
    expect((await decompress(compressed)).equals(content)).toBe(true)
  }
})

it('what an earlier release compressed is read, whatever its head says', async () => {
  const content = Buffer.alloc(3 * 2 ** 20, 'of before')
  // A dictionary's number of four bytes, and no size.
  const other = Buffer.concat([Buffer.from([0x28, 0xB5, 0x2F, 0xFD, 0b0000_0011, 0, 1, 2, 3, 4])])
  expect(contentSize(other)).toBeUndefined()
  expect(contentSize(Buffer.from([0x28, 0xB5]))).toBeUndefined()
  expect((await decompress(zstdCompressSync(content))).equals(content)).toBe(true)
})
