import type { Installation } from './installation.ts'
import type { Applied, Identity } from './state.ts'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bootId } from '@howdah/machine'
import { temporaryFolder } from '@howdah/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { takeInventory } from './inventory.ts'
import { databasePaths, installationPaths } from './paths.ts'
import { settlePlace } from './places.ts'
import { silentLog } from './testing/silent-log.ts'

/*
 * A restore gives its place the name that it keeps before it is whole, because a server starts there that stays, and an identity
 * while the disk still writes it down. What of it is found by whoever comes next.
 */

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let installation: Installation
beforeEach(async () => {
  folder = await temporaryFolder()
  const paths = installationPaths(folder.path)
  await mkdir(paths.databases, { recursive: true })
  await mkdir(paths.trash)
  installation = { paths, log: silentLog } as unknown as Installation // all that an inventory asks for
})
afterEach(async () => await folder.remove())

/** A place that is being restored. `by`: another process, and the time between two starts of the machine in which it did; undefined: this one does. */
async function place({ by, generation, isClaimed = true }: { by?: string, generation?: number, isClaimed?: boolean }): Promise<string> {
  const draft = join(installation.paths.databases, 'place.0000.tmp')
  await mkdir(draft)
  const root = await settlePlace(draft)
  const paths = databasePaths(root)
  if (by !== undefined)
    await writeFile(paths.restoring, by)
  if (isClaimed)
    await writeFile(paths.identity, JSON.stringify({ ref: { id: 'one' } } satisfies { ref: Partial<Identity['ref']> }))
  if (generation !== undefined)
    await writeFile(paths.applied, JSON.stringify({ generation } satisfies Partial<Applied>))
  return root
}

/** What is a database, and what lies there still. */
async function found(): Promise<{ databases: string[], left: string[] }> {
  const { databases, members } = await takeInventory(installation)
  expect(members).toEqual([])
  return { databases: databases.map(({ root }) => root), left: await readdir(installation.paths.databases) }
}

it('one that has no identity yet is left alone while this process restores it, and is nothing when another did', async () => {
  const root = await place({ isClaimed: false })
  expect(await found()).toEqual({ databases: [], left: ['place'] })
  const mark = await readFile(databasePaths(root).restoring, 'utf8')
  await writeFile(databasePaths(root).restoring, `ffffffff ${mark.split(' ')[1]}`)
  expect(await found()).toEqual({ databases: [], left: [] })
})

it('one with an identity is a database, although the process that restored it was killed', async () => {
  const boot = await bootId()
  const root = await place(boot === undefined ? {} : { by: `ffffffff ${boot}` })
  expect(await found()).toEqual({ databases: [root], left: ['place'] })
})

it.each([undefined, 0])('one that was not acknowledged before the machine was started again is none (generation %s)', async (generation) => {
  await place({ by: 'ffffffff another-boot', ...generation !== undefined && { generation } })
  expect(await found()).toEqual({ databases: [], left: [] })
})

it('one that was acknowledged is a database after that, too', async () => {
  const root = await place({ by: 'ffffffff another-boot', generation: 1 })
  expect(await found()).toEqual({ databases: [root], left: ['place'] })
})
