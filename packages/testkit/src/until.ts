import { setTimeout as delay } from 'node:timers/promises'

/** Wait until `condition` answers something truthy, and answer that. Tests wait on conditions, never on time. */
export async function until<T>(
  condition: () => T | Promise<T>,
  options: { readonly deadlineMs: number, readonly everyMs?: number, readonly what?: string },
): Promise<NonNullable<T>> {
  const deadline = performance.now() + options.deadlineMs
  for (;;) {
    const result = await condition()
    if (result)
      return result
    if (performance.now() > deadline)
      throw new Error(`not within ${options.deadlineMs} ms: ${options.what ?? String(condition)}`)
    await delay(options.everyMs ?? 5)
  }
}
