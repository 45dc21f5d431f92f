/** Rejects with `late()` when the work takes longer. The work goes on, and its end is not heard any more. */
export async function within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), ms)
  })
  try {
    return await Promise.race([work, deadline])
  }
  finally {
    clearTimeout(timer)
  }
}
