/** One page of a list, as the API answers it. */
export interface Page<T> {
  readonly items: readonly T[]
  /** For the next page; null on the last one. */
  readonly nextCursor: string | null
}

/** A list of the API. Nothing is asked before something is read. */
export interface Listing<T> extends AsyncIterable<T> {
  /** One page: the first one, or the one that a cursor names. */
  readonly page: (cursor?: string) => Promise<Page<T>>
  readonly pages: () => AsyncGenerator<Page<T>>
  /** All items, or the first `most`. */
  readonly toArray: (most?: number) => Promise<T[]>
}

export function listing<T>(read: (cursor: string | undefined) => Promise<Page<T>>): Listing<T> {
  async function* pages(): AsyncGenerator<Page<T>> {
    let page = await read(undefined)
    yield page
    while (page.nextCursor !== null) {
      page = await read(page.nextCursor)
      yield page
    }
  }
  async function* items(): AsyncGenerator<T> {
    for await (const page of pages())
      yield* page.items
  }
  return {
    page: cursor => read(cursor),
    pages,
    toArray: async (most = Number.POSITIVE_INFINITY) => {
      const result: T[] = []
      for await (const page of pages()) {
        result.push(...page.items.slice(0, most - result.length))
        if (result.length >= most)
          break
      }
      return result
    },
    [Symbol.asyncIterator]: items,
  }
}
