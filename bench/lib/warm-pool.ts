import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '@howdah/testkit'

/** As the server's default is. */
const size = 8

/** Wait until the local driver has as many databases in stock as it wants. */
export async function poolIsFull(dataDir: string): Promise<void> {
  await until(async () => {
    const stocks = await readdir(join(dataDir, 'pool')).catch(() => [])
    const names = await Promise.all(stocks.map(async stock => await readdir(join(dataDir, 'pool', stock))))
    return names.flat().filter(name => !name.endsWith('.tmp')).length >= size
  }, { deadlineMs: 60_000, everyMs: 50, what: 'the warm pool is full' })
}
