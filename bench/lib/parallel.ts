/** Run `work` for 0 … n-1, so many at a time. Rejects with the first failure, when those under way have ended. */
export async function inParallel<T>(n: number, atATime: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const one = async (): Promise<void> => {
    for (let index = next++; index < n; index = next++)
      results[index] = await work(index)
  }
  const ended = await Promise.allSettled(Array.from({ length: atATime }, one))
  for (const outcome of ended) {
    if (outcome.status === 'rejected')
      throw outcome.reason
  }
  return results
}
