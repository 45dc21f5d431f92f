/** At once when it has been quiet, and then at most once in `everyMs`; nothing that was asked for is left out. */
export function throttled(work: () => unknown, everyMs: number): () => void {
  let lastAt = Number.NEGATIVE_INFINITY
  let timer: ReturnType<typeof setTimeout> | undefined
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined
      lastAt = performance.now()
      work()
    }, Math.max(0, lastAt + everyMs - performance.now()))
  }
}
