/** True when the time has passed, false when the signal ended it. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted)
    return false
  return await new Promise<boolean>((resolve) => {
    const timer = setTimeout(end, ms)
    signal?.addEventListener('abort', end, { once: true })
    function end() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve(!signal?.aborted)
    }
  })
}

/** Wait, or throw the signal's reason. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, signal)
  signal?.throwIfAborted()
}

/** Doubles from `firstMs` to `mostMs`, with full jitter, so that many clients do not come back together. */
export function backOffMs(attempt: number, firstMs: number, mostMs: number): number {
  return Math.random() * Math.min(mostMs, firstMs * 2 ** attempt)
}
