import type { UpgradeOrder } from '@howdah/engine'
import type { Job } from '../backup/job.ts'
import type { Managed } from '../ensure.ts'
import type { NewMajor } from './target.ts'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '@howdah/engine'
import { installBinaries } from '../binaries.ts'
import { syncFolder } from '../files.ts'
import { exchangeData, stopInOrder } from '../in-place/exchange.ts'
import { takenTimelines } from '../in-place/stage.ts'
import { removeDoomed } from '../in-place/swap.ts'
import { databasePaths } from '../paths.ts'
import { discardPlace } from '../places.ts'
import { settingsFor } from '../server-control.ts'
import { removeStubbornly } from '../trash.ts'
import { copyInto } from './copy-into.ts'
import { beginLine } from './line.ts'
import { makeTarget } from './target.ts'

/**
 * Have the data of a database in a server of another major, in its place. Nobody can connect from the moment when the old server stops,
 * so that nothing is written that does not come over; where anything goes wrong before the swap, the old server starts again.
 */
export async function upgradeMajor(managed: Managed, order: UpgradeOrder, next: NewMajor, job: Job<void>): Promise<void> {
  const { db, supervisor } = managed
  const { installation } = db
  job.enter('prepare')
  const root = await makeTarget(installation, next)
  try {
    const doomed = await db.exclusive(async () => {
      const { applied, identity } = db
      if (!applied)
        throw new EngineError('unavailable', 'The database is still being made.')
      db.isPlanned = true
      try {
        job.enter('stop')
        await stopInOrder(managed, 'Upgrading', `The server is stopped while its data is brought to PostgreSQL ${next.binaries.version}.`)
        const source = { installation, binaries: await installBinaries(db.binaries, installation.paths.root), paths: db.paths, socketFolder: db.socketFolder, superuserPassword: identity.superuserPassword }
        await copyInto(installation, root, next, source, applied.owner, job)
        const timeline = await beginLine(installation, root, next, await takenTimelines(db), job)
        const folder = await stage(root, db.root, order.id)
        job.enter('swap')
        const { major, source: origin, version } = next.binaries
        const become = { major, source: origin, madeBy: version, settings: settingsFor({ installation, identity: { major, port: identity.port }, root: db.root, socketFolder: db.socketFolder }, applied.spec, next.template.preload) }
        const before = { major: identity.major, source: identity.source, madeBy: identity.madeBy, settings: applied.settings }
        return await exchangeData(managed, { folder, timeline }, { kept: { format: 1, id: order.id, until: order.undoUntil.toISOString(), before }, become })
      }
      finally {
        db.isPlanned = false
        supervisor.recover('Starting', 'The server starts.')
      }
    })
    await Promise.all([supervisor.settled, removeDoomed(installation, doomed)])
  }
  finally {
    await discardPlace(installation, root)
  }
}

/** From its own place to one beside the instances of the database. */
async function stage(from: string, to: string, id: string): Promise<string> {
  const folder = `staged-${id}`
  // Of an attempt before this one.
  await removeStubbornly(join(to, folder))
  await mkdir(join(to, folder), { mode: 0o755 })
  await rename(databasePaths(from).data, join(to, folder, 'data'))
  await syncFolder(join(to, folder))
  return folder
}
