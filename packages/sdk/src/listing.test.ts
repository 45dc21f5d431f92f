import { expect, it } from 'vitest'
import { listing } from './listing.ts'

function numbered(pages: number[][]) {
  const asked: (string | undefined)[] = []
  const list = listing((cursor) => {
    asked.push(cursor)
    const index = Number(cursor ?? 0)
    return Promise.resolve({
      items: pages[index] ?? [],
      nextCursor: index + 1 < pages.length
        ? String(index + 1)
        : null,
    })
  })
  return { asked, list }
}

it('walks all pages, and asks for none before it is needed', async () => {
  const { asked, list } = numbered([
    [1, 2],
    [3],
    [4],
  ])
  expect(asked).toEqual([])
  const seen: number[] = []
  for await (const item of list) {
    seen.push(item)
    if (item === 3)
      break
  }
  expect(seen).toEqual([1, 2, 3])
  expect(asked).toEqual([undefined, '1'])
})

it('stops at the most that is wanted', async () => {
  const { asked, list } = numbered([
    [1, 2],
    [3, 4],
    [5],
  ])
  expect(await list.toArray(3)).toEqual([1, 2, 3])
  expect(asked).toEqual([undefined, '1'])
  expect(await list.toArray()).toEqual([1, 2, 3, 4, 5])
})

it('an empty list has one empty page', async () => {
  expect(await numbered([[]]).list.toArray()).toEqual([])
})
