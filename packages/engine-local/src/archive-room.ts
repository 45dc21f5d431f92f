import { statfs } from 'node:fs/promises'

/** Less than a tenth of a disk, and less than this, and it is time to say so. */
const enoughBytes = 10 * 2 ** 30
const segmentBytes = 16 * 2 ** 20

/** How much WAL a server keeps because its archive does not take it, and how much more its disk holds. */
export interface ArchiveRoom {
  readonly waitingBytes: number
  readonly freeBytes: number
  /** It has to be said before the disk is full: then the server stops. */
  readonly isLow: boolean
}

export async function archiveRoom(data: string, waiting: number): Promise<ArchiveRoom> {
  const { bavail, blocks, bsize } = await statfs(data)
  return judgeRoom({ waiting, freeBytes: bavail * bsize, totalBytes: blocks * bsize })
}

/** Low as well where as much again as already waits would not fit. */
export function judgeRoom({ freeBytes, totalBytes, waiting }: { readonly waiting: number, readonly freeBytes: number, readonly totalBytes: number }): ArchiveRoom {
  const waitingBytes = waiting * segmentBytes
  return { waitingBytes, freeBytes, isLow: freeBytes < Math.min(enoughBytes, totalBytes / 10) || freeBytes < waitingBytes }
}
