import type { DatabaseSpec, Progress, RestoreTarget } from '@howdah/engine'
import type { TestEngine } from './local-engine.ts'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { temporaryFolder, until } from '@howdah/testkit'
import { expect } from 'vitest'
import { keysFor } from '../archive-site.ts'
import { Archive } from '../archive/archive.ts'
import { folderStore } from '../archive/folder-store.ts'
import { inspectArchives } from '../backup/inspect.ts'
import { restoreIntoFolder } from '../backup/restore-into-folder.ts'
import { testArchives } from './archives.ts'
import { silentLog } from './silent-log.ts'

/** The archive of a database in the folder of a test. */
export function archiveIn({ dataDir }: Pick<TestEngine, 'dataDir'>, { id }: { readonly id: string }): Archive {
  return new Archive(id, folderStore(join(dataDir, 'backups')), keysFor(testArchives(dataDir).keys, id))
}

/** Everybody who reads an archive on the way to its latest state refuses it with this reason, and nothing is left that looks well. */
export async function everybodyRefuses(test: TestEngine, source: DatabaseSpec, why: RegExp): Promise<void> {
  const branch = test.spec({ from: { id: source.id, target: { kind: 'latest' } } })
  await expect(reasonOf(async () => await test.settle(branch)), 'restore').resolves.toMatch(why)
  expect(await test.engine.observe(branch)).toBeUndefined()
  await expect(reasonOf(async () => await settledDrill(test, source)), 'drill').resolves.toMatch(why)
  const inspected = await inspectArchives({ ...testArchives(test.dataDir), database: source.id, isVerified: true })
  expect(inspected.flatMap(({ problems }) => problems).join('\n'), 'inspect').toMatch(why)
  const folder = await temporaryFolder()
  await expect(reasonOf(async () => await restoreIntoFolder({ archives: testArchives(test.dataDir), log: silentLog, database: source.id, target: { kind: 'latest' }, folder: join(folder.path, 'restored') })), 'restore --from').resolves.toMatch(why)
  await folder.remove()
}

async function settledDrill(test: TestEngine, source: DatabaseSpec): Promise<Progress> {
  const id = randomUUID()
  return await until(async () => {
    const progress = await test.engine.drillBackup(source, id)
    return progress.outcome === 'done' || progress.outcome === 'failed' ? progress : undefined
  }, { deadlineMs: 60_000, what: 'the drill is over' })
}

/** Whatever it answers or throws, as text. */
async function reasonOf(work: () => Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await work())
  }
  catch (error) {
    return String(error)
  }
}

/** The rows of `ledger` in a new database that begins as the source was; it is removed again. */
export async function rowsAt(test: TestEngine, source: DatabaseSpec, target: RestoreTarget): Promise<number[]> {
  const copy = test.spec({ version: source.version, from: { id: source.id, target } })
  expect(await test.settle(copy)).toEqual({ outcome: 'done' })
  const client = await test.connect(copy)
  const { rows } = await client.query<{ n: number }>('select n from ledger order by n')
  await client.end()
  await test.engine.destroy(copy)
  return rows.map(({ n }) => n)
}
