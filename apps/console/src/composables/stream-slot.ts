/** Of the six connections that a browser opens to a server, all tabs together: one is for events, and two stay free. */
const slots = [1, 2, 3] as const

/**
 * Do something that holds a connection for long. False: the other tabs have them all, and nothing was done. Where there
 * are no locks (a page without TLS) nothing is known of other tabs.
 */
export async function withStreamSlot(work: () => Promise<void>): Promise<boolean> {
  if (!isSecureContext) {
    await work()
    return true
  }
  for (const slot of slots) {
    const isMine = await navigator.locks.request(`howdah-stream ${slot}`, { ifAvailable: true }, async (lock) => {
      if (lock)
        await work()
      return lock !== null
    })
    if (isMine)
      return true
  }
  return false
}
