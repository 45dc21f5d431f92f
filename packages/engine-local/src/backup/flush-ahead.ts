/** Between two flushes while files come: little enough that the last one is short, and much more than a flush costs. */
export const flushBytes = 256 * 2 ** 20

/**
 * Have the disk begin with files while more of them come: whoever keeps them syncs all of it in the end, and has little to wait for then.
 * What it answers is told how many bytes have come. `flush`: takes its time, and does not fail; there is one at a time.
 */
export function flushAhead(flush: () => Promise<void>): (bytes: number) => void {
  let flushed = 0
  let isFlushing = false
  return (bytes) => {
    if (isFlushing || bytes - flushed < flushBytes)
      return
    flushed = bytes
    isFlushing = true
    void flush().then(() => {
      isFlushing = false
    })
  }
}
