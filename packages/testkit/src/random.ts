/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6D2B79F5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function pick<T>(random: () => number, from: readonly T[]): T {
  const index = Math.floor(random() * from.length)
  return from[index]!
}

/** Each of them once in some order, and then again, until there are so many. */
export function drawn<T>(random: () => number, count: number, from: readonly T[]): T[] {
  const left: T[] = []
  return Array.from({ length: count }, () => {
    if (left.length === 0)
      left.push(...from)
    const one = pick(random, left)
    left.splice(left.indexOf(one), 1)
    return one
  })
}
