import type { Buffer } from 'node:buffer'

/** Node keeps small buffers together in one piece of memory, which is far smaller than this. */
const leastBytes = 2 ** 20

/**
 * Give back the memory of a large buffer that nobody reads any more. The collector of garbage would do so too, but later: until then
 * hundreds of megabytes lie about, and what comes next is given memory that the system has to find and to clear.
 */
export function letGo({ buffer }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= leastBytes)
    buffer.transfer(0)
}
