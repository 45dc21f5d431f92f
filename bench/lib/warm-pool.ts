import { readPlaces, until } from '@howdah/testkit'

/** As the server's default is. */
export const usualSize = 8

/** Wait until the local driver has as many databases in stock as it wants. */
export async function poolIsFull(dataDir: string, size = usualSize): Promise<void> {
  await until(async () => (await readPlaces(dataDir)).members.length >= size, { deadlineMs: 10_000 + size * 5_000, everyMs: 50, what: 'the warm pool is full' })
}
