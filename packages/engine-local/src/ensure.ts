import type { DatabaseSpec, Progress } from '@howdah/engine'
import type { Catalogue } from '@howdah/postgres'
import type { Database } from './database.ts'
import type { Step } from './difference.ts'
import type { PortBook } from './ports.ts'
import type { Supervisor } from './supervisor.ts'
import { createHash } from 'node:crypto'
import { EngineError } from '@howdah/engine'
import { applyExtensions, maintenanceDatabase, quoteIdentifier, quoteLiteral, scramVerifier } from '@howdah/postgres'
import { syncDataFolder } from './clone.ts'
import { configureServer } from './configure.ts'
import { changedSettings, needRestart, stepsTo } from './difference.ts'
import { isDiskFullText } from './disk-full.ts'
import { runErrands } from './errands.ts'
import { proveLogin } from './login.ts'
import { forgetServer } from './member.ts'
import { isRestored } from './places.ts'
import { findPostmaster } from './process.ts'
import { reloadServer } from './reload.ts'
import { isAsWanted } from './running-member.ts'
import { settingsFor, startServer, stopServer } from './server-control.ts'
import { syncIdentity } from './state.ts'

/** A database with what belongs to it while we run. */
export interface Managed {
  readonly db: Database
  readonly supervisor: Supervisor
  readonly ports: PortBook
}

/** What the binaries of a database offer, and how its template's superuser gets in. */
export interface Offer {
  readonly catalogue: Catalogue
  readonly preload: string
  readonly superuserPassword: string
}

type Move = (managed: Managed, spec: DatabaseSpec, offer: Offer) => Promise<Progress | undefined>

const moves: Record<Exclude<Step, 'claim'>, Move> = {
  start: async (managed, spec, offer) => {
    const { db } = managed
    if (db.applied?.hibernated)
      await db.record({ hibernated: false })
    // What the pool had started was for other settings.
    if (db.startedWith) {
      db.takeSession()?.close()
      await stopServer(db)
      await forgetServer(db.paths)
      db.startedWith = undefined
    }
    return await startWith(managed, spec, offer, 'start')
  },

  configure: async ({ db }, spec, offer) => {
    await configureServer(db, spec, {
      settings: settingsFor(db, spec, offer.preload),
      templatePassword: offer.superuserPassword,
    })
    return undefined
  },

  gateway: async (managed, spec, offer) => {
    const { db, ports, supervisor } = managed
    db.isPlanned = true
    try {
      await supervisor.detach()
      if (db.applied && db.applied.generation > 0)
        supervisor.setPhase('restarting', 'GatewayBegins', 'The server makes room for the gateway, which leads to it from now on.')
      await supervisor.replicated().begin(ports)
      await stopServer(db)
      return await startWith(managed, spec, offer, 'gateway')
    }
    finally {
      db.isPlanned = false
    }
  },

  replicas: async ({ db, ports, supervisor }, spec) => {
    const replication = supervisor.replicated()
    await replication.scale(spec.instances, ports)
    await supervisor.tendSoon()
    return db.topology?.members.some(({ ordinal, state }) => state === 'new' && ordinal !== db.topology?.primary)
      ? { outcome: 'wait', step: 'replicas', afterMs: 200, reason: replication.news }
      : undefined
  },

  durability: async ({ supervisor }, spec) => {
    await supervisor.replication?.setDurability(spec.durability)
    return undefined
  },

  credentials: async ({ db }, spec) => {
    const ownerVerifier = await scramVerifier(spec.owner.password)
    await db.asSuperuser(maintenanceDatabase, async session =>
      await session.query(`alter role ${quoteIdentifier(spec.owner.user)} password ${quoteLiteral(ownerVerifier)}`))
    db.isLoginProven = false
    await db.record({ ownerVerifier })
    db.rememberPassword(spec.owner.password)
    return undefined
  },

  reload: async ({ db, supervisor }, spec, offer) => {
    const settings = settingsFor(db, spec, offer.preload)
    const problem = await reloadServer(db, settings, spec.allowedCidrs)
    if (problem)
      return refusedSettings('reload', problem)
    await db.record({
      settings,
      spec: specForServer(spec),
    })
    await supervisor.replication?.reload()
    return undefined
  },

  restart: async (managed, spec, offer) => {
    const { db, supervisor } = managed
    const digest = digestOf(settingsFor(db, spec, offer.preload))
    if (db.applied?.rejected?.digest === digest)
      return refusedSettings('restart', db.applied.rejected.message)
    db.isPlanned = true
    try {
      await supervisor.detach()
      supervisor.setPhase('restarting', 'RestartRequested', 'The server is restarted as asked.')
      await stopServer(db)
      const progress = await startWith(managed, spec, offer, 'restart')
      if (!progress)
        await supervisor.replication?.restartReplicas()
      return progress
    }
    finally {
      db.isPlanned = false
    }
  },

  extensions: async ({ db }, spec, offer) => {
    const before = db.applied?.extensions ?? []
    try {
      await applyExtensions(db, offer.catalogue, {
        on: spec.extensions.filter(name => !before.includes(name)),
        off: before.filter(name => !spec.extensions.includes(name)),
      })
    }
    catch (error) {
      if (error instanceof EngineError && error.code === 'invalid')
        return { outcome: 'failed', step: 'extensions', reason: 'ExtensionRefused', message: error.message, nextStep: 'Remove what depends on the extension, or leave it on.' }
      throw error
    }
    await db.record({ extensions: spec.extensions })
    return undefined
  },

  login: async ({ db, ports, supervisor }, spec) => {
    const outcome = await proveLogin(db, spec.owner, spec.database)
    switch (outcome.kind) {
      case 'answered':
        db.isLoginProven = true
        supervisor.answered(outcome.serverVersion)
        return undefined
      case 'wrong-password':
        await moves.credentials({ db, ports, supervisor }, spec, undefined as never) // it needs no offer
        return { outcome: 'continue', step: 'credentials' }
      case 'not-now':
        return {
          outcome: 'wait',
          step: 'login',
          afterMs: 250,
          reason: outcome.reason,
        }
      case 'refused':
        return {
          outcome: 'failed',
          step: 'login',
          reason: 'LoginRefused',
          message: `The server refuses the owner: ${outcome.message}.`,
          nextStep: 'Undo the change that shut the owner out, then try again.',
        }
    }
  },

  stop: async ({ db, supervisor }, spec) => {
    db.isPlanned = true
    try {
      await supervisor.detach()
      await (supervisor.replication?.stop() ?? stopServer(db))
      db.isLoginProven = false
      await db.record({ hibernated: true, restartToken: spec.restartToken })
      supervisor.setPhase('hibernated')
    }
    finally {
      db.isPlanned = false
    }
    return undefined
  },
}

/** Make the next step towards the spec, for a database that is claimed. Runs inside `db.exclusive`. */
export async function advance(managed: Managed, spec: DatabaseSpec, offer: Offer): Promise<Progress> {
  const { db } = managed
  const [step, ...rest] = await nextSteps(db, spec, offer)
  if (step === undefined)
    return await finish(managed, spec)
  const progress = await moves[step as Exclude<Step, 'claim'>](managed, spec, offer) // a claimed database has no claim before it
  return progress ?? (rest.length === 0 && step !== 'stop'
    ? await finish(managed, spec)
    : { outcome: 'continue', step })
}

export async function nextSteps(db: Database, spec: DatabaseSpec, offer: Offer): Promise<Step[]> {
  const { topology } = db
  const settings = settingsFor(db, spec, offer.preload)
  const found = await findPostmaster(db.paths.data)
  return stepsTo(spec, {
    isClaimed: true,
    applied: db.applied,
    isRunning: (found?.ready ?? false) && (!db.startedWith || isAsWanted(db.startedWith.settings, settings)),
    // One that is still to be copied is still to be made.
    instances: topology ? topology.members.filter(({ ordinal, state }) => ordinal === topology.primary || state === 'replica').length : 1,
    isBehindGateway: topology !== undefined && (found === undefined || found.port === db.primary.port),
    durability: topology?.durability ?? 'async',
    isPasswordSame: await db.isPasswordApplied(spec.owner.password),
    isLoginProven: db.isLoginProven,
    settings,
  }, offer.catalogue)
}

/** Start with the settings of the spec; where the server does not come up with them, with those that served before. */
async function startWith(managed: Managed, spec: DatabaseSpec, offer: Offer, step: 'start' | 'restart' | 'gateway'): Promise<Progress | undefined> {
  const { db, supervisor } = managed
  const settings = settingsFor(db, spec, offer.preload)
  const started = await startServer(db, settings, spec.allowedCidrs)
  db.isLoginProven = false
  if (started.kind === 'starting')
    return { outcome: 'wait', step, afterMs: 500, reason: 'The server recovers what it had not written when it ended.' }
  if (started.kind === 'started') {
    supervisor.follow(started.server)
    await supervisor.replication?.lead()
    if (db.applied) {
      await db.record({
        settings,
        spec: specForServer(spec),
        restartToken: spec.restartToken,
      })
      // Before the first login of the owner, nothing but that makes it ready.
      if (db.applied.generation > 0)
        supervisor.recover('Starting', 'The server starts.')
    }
    return undefined
  }
  if (started.reason === 'PortTaken') {
    if (db.applied)
      supervisor.recover(started.reason, started.message)
    return {
      outcome: 'wait',
      step,
      afterMs: 1000,
      reason: started.message,
    }
  }
  if (isDiskFullText(started.message))
    throw new EngineError('exhausted', 'There is no space left on the disk, so the server does not start. Free some and try again.')
  if (db.applied && changedSettings(db.applied, settings).length > 0) {
    await db.record({
      rejected: {
        digest: digestOf(settings),
        message: started.message,
      },
    })
    supervisor.recover('SettingsRejected', 'The server goes back to the settings that it had.')
    return refusedSettings(step, started.message)
  }
  return {
    outcome: 'failed',
    step,
    reason: started.reason,
    message: `The server does not start: ${started.message}`,
    nextStep: 'Read the log of the database, put right what it says, then try again.',
  }
}

async function finish({ db, supervisor }: Managed, spec: DatabaseSpec): Promise<Progress> {
  if (db.applied && (db.applied.generation !== spec.generation || db.applied.restartToken !== spec.restartToken)) {
    const isFirst = db.applied.generation === 0
    // First: by the record everybody knows that it is safe.
    if (isFirst)
      await makeSafe(db)
    await db.record({
      generation: spec.generation,
      restartToken: spec.restartToken,
      ...spec.hibernated
        ? {}
        : {
            spec: specForServer(spec),
          },
    })
    supervisor.report()
  }
  return { outcome: 'done' }
}

/** What it is made of survives a power cut from here on. */
async function makeSafe(db: Database): Promise<void> {
  const { binaries, installation: { account }, paths, root, untilSafe } = db
  // What fails is begun anew by the next attempt.
  db.untilSafe = undefined
  if (untilSafe)
    return await untilSafe
  if (await isRestored(root))
    await runErrands(account, async errands => await syncDataFolder(binaries, paths.data, errands))
  await syncIdentity(paths)
}

function refusedSettings(step: Step, message: string): Progress {
  return {
    outcome: 'failed',
    step,
    reason: 'SettingsRejected',
    message: `PostgreSQL does not take these settings: ${message} The old ones serve on.`,
    nextStep: 'Change the parameters or the size, then try again.',
  }
}

export function interruptionOf(steps: readonly Step[], db: Database | undefined, spec: DatabaseSpec, offer: Offer): { interruption: 'none' | 'reload' | 'restart', reasons: string[] } {
  if (!db?.applied)
    return { interruption: 'none', reasons: [] }
  if (steps.includes('stop')) {
    return {
      interruption: 'restart',
      reasons: ['The server stops and connections end until it is resumed.'],
    }
  }
  if (steps.includes('gateway')) {
    return {
      interruption: 'restart',
      reasons: ['The first replica brings a gateway, which takes over the address: the server restarts once, and its sessions end. It takes about a second.'],
    }
  }
  if (!steps.includes('restart')) {
    return {
      interruption: steps.includes('reload')
        ? 'reload'
        : 'none',
      reasons: [],
    }
  }
  const names = needRestart(changedSettings(db.applied, settingsFor(db, spec, offer.preload)), offer.catalogue)
  const reasons = names.map(name => `A change of ${name} needs a restart of the server.`)
  return {
    interruption: 'restart',
    reasons: reasons.length > 0
      ? reasons
      : ['A restart was asked for.'],
  }
}

export function specForServer(spec: DatabaseSpec) {
  const { allowedCidrs, cpu, memoryMib, parameters, storageGib } = spec
  return {
    allowedCidrs,
    cpu,
    memoryMib,
    parameters,
    storageGib,
  }
}

function digestOf(settings: Readonly<Record<string, string>>): string {
  return createHash('sha256').update(JSON.stringify(Object.entries(settings).sort())).digest('hex')
}
