import type { UpgradeReport } from '@howdah/engine'
import type { Job } from '../backup/job.ts'
import type { Database } from '../database.ts'
import type { DatabasePaths } from '../paths.ts'
import type { NewMajor } from './target.ts'
import { EngineError } from '@howdah/engine'
import { readIfThere } from '@howdah/machine'
import { defaultSettings, maintenanceDatabase, parseReport, plannerChanges, plannerSettings, withClient } from '@howdah/postgres'
import { RestoreError } from '../backup/restore-error.ts'
import { restoreState } from '../backup/restore.ts'
import { installBinaries } from '../binaries.ts'
import { writeAtomically } from '../files.ts'
import { newPasswords } from '../member.ts'
import { databasePaths } from '../paths.ts'
import { discardPlace, socketFolderOf } from '../places.ts'
import { holdToRoom, sizeOf } from '../room.ts'
import { copyInto } from './copy-into.ts'
import { beginLine } from './line.ts'
import { openPrivately } from './private-server.ts'
import { makeTarget } from './target.ts'

/** Do all of it to a copy that is thrown away, and write down what was found. The database serves meanwhile. */
export async function rehearse(db: Database, id: string, next: NewMajor, before: NewMajor, job: Job<void>): Promise<void> {
  await holdToRoom(db.installation, await sizeOf(db) * (db.installation.sharesBlocks ? 1 : 2), 'A rehearsal')
  const common = { id, from: before.binaries.version, to: next.binaries.version, planner: plannerChanges(plannerSettings(before.template.catalogue), plannerSettings(next.template.catalogue), db.applied?.spec.parameters ?? {}) }
  try {
    const { interruptionMs, ...copied } = await tryOut(db, next, job)
    await writeReport(db.paths, { ...common, ...copied, at: new Date(), isGood: true, message: '', interruptionMs })
  }
  catch (error) {
    if (!(error instanceof RestoreError))
      throw error
    const message = `${error.message} ${error.nextStep}`
    await writeReport(db.paths, { ...common, at: new Date(), isGood: false, message, interruptionMs: null, databases: 0, tables: 0, rows: 0, extensions: [], checks: [{ name: 'copy', isGood: false, detail: error.message }] })
  }
}

async function tryOut(db: Database, next: NewMajor, job: Job<void>) {
  const { applied, installation } = db
  if (!applied)
    throw new EngineError('unavailable', 'The database is still being made.')
  const binaries = await installBinaries(db.binaries, installation.paths.root)
  const passwords = newPasswords()
  const { root } = await restoreState({ installation, binaries, from: { id: db.ref.id, target: { kind: 'latest' } }, source: db, own: undefined, passwords, taken: [] }, job)
  try {
    const target = await makeTarget(installation, next)
    try {
      const begun = performance.now()
      const copied = await copyInto(installation, target, next, { installation, binaries, paths: databasePaths(root), socketFolder: await socketFolderOf(installation, root), superuserPassword: passwords.superuserPassword }, applied.owner, job)
      await beginLine(installation, target, next, [], job)
      const interruptionMs = Math.round(performance.now() - begun)
      job.enter('start')
      await holdToStart(db, target, next, passwords.superuserPassword)
      return { ...copied, interruptionMs, checks: [...copied.checks, { name: 'start', isGood: true, detail: `PostgreSQL ${next.binaries.version} starts with the parameters of the database.` }] }
    }
    finally {
      await discardPlace(installation, target)
    }
  }
  finally {
    await discardPlace(installation, root)
  }
}

/** With all that a user can set. */
async function holdToStart({ applied, installation }: Database, root: string, { binaries, template }: NewMajor, superuserPassword: string): Promise<void> {
  const settings = applied ? { ...defaultSettings(applied.spec), ...applied.spec.parameters } : {}
  const server = await openPrivately({ installation, binaries, paths: databasePaths(root), socketFolder: await socketFolderOf(installation, root), superuserPassword, settings: { ...settings, shared_preload_libraries: template.preload } })
  try {
    await withClient(server.config(maintenanceDatabase), async session => await session.query('select'))
  }
  finally {
    await server.stop()
  }
}

async function writeReport({ rehearsal }: Pick<DatabasePaths, 'rehearsal'>, report: UpgradeReport): Promise<void> {
  await writeAtomically(rehearsal, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600, durable: true })
}

export async function readReport({ rehearsal }: Pick<DatabasePaths, 'rehearsal'>): Promise<UpgradeReport | undefined> {
  const text = await readIfThere(rehearsal)
  return text === undefined ? undefined : parseReport(text)
}
