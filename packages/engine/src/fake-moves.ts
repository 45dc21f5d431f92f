import type { FakeDatabase } from './fake-world.ts'
import type { EnginePhase } from './observed.ts'
import type { Progress } from './plan.ts'
import type { DatabaseSpec } from './spec.ts'

/** Names of databases with a fate, for tests of whatever drives the engine. */
export const sentinels = {
  /** Its server never starts: `ensure` fails. */
  failProvision: 'fail-provision',
  /** Stays `provisioning` until `FakeEngine.release` is called. */
  slowReady: 'slow-ready',
} as const

/** Make one step of a fake database. `setPhase` tells whoever watches. */
export function makeFakeMove(
  db: FakeDatabase,
  spec: DatabaseSpec,
  step: string,
  setPhase: (phase: EnginePhase, reason?: string, message?: string) => void,
): Progress {
  switch (step) {
    case 'start':
      if (spec.name === sentinels.failProvision) {
        const message = 'The server does not start, as its name says.'
        setPhase('failed', 'StartFailed', message)
        return {
          outcome: 'failed',
          step,
          reason: 'StartFailed',
          message,
          nextStep: 'Delete the database and create it under another name.',
        }
      }
      db.restarts++
      logStart(db, spec)
      if (db.spec)
        setPhase('restarting', 'Starting', 'The server starts.')
      break
    case 'configure':
      db.spec = spec
      db.roles.set(spec.owner.user, { name: spec.owner.user, access: 'owner', connectionLimit: -1 })
      db.logicalDatabases.set(spec.database, { name: spec.database, owner: spec.owner.user })
      break
    case 'restart':
      db.restarts++
      setPhase('restarting', 'RestartRequested', 'The server is restarted as asked.')
      logStart(db, spec)
      db.spec = spec
      break
    case 'stop':
      db.spec = spec
      db.generation = spec.generation
      db.isLoginProven = false
      setPhase('hibernated')
      break
    case 'login':
      if (spec.name === sentinels.slowReady && !db.isReleased) {
        return {
          outcome: 'wait',
          step,
          afterMs: 10,
          reason: 'The server takes its time, as its name says.',
        }
      }
      if (db.reason === 'PostmasterExited') {
        return {
          outcome: 'wait',
          step,
          afterMs: 10,
          reason: db.message,
        }
      }
      db.spec = spec
      db.isLoginProven = true
      db.generation = spec.generation
      setPhase('ready')
      return { outcome: 'done' }
    default:
      db.spec = {
        ...db.spec ?? spec,
        ...partOf(spec, step),
      }
  }
  return { outcome: 'continue', step }
}

function partOf(spec: DatabaseSpec, step: string): Partial<DatabaseSpec> {
  switch (step) {
    case 'credentials': return { owner: spec.owner }
    case 'gateway':
    case 'replicas': return { instances: spec.instances }
    case 'durability': return { durability: spec.durability }
    case 'extensions': return { extensions: spec.extensions }
    default: return { parameters: spec.parameters, allowedCidrs: spec.allowedCidrs }
  }
}

/** As every server says it. */
function logStart({ log, ref }: FakeDatabase, { instances }: DatabaseSpec): void {
  for (let ordinal = 1; ordinal <= instances; ordinal++)
    log.write({ member: `${ref.name}-${ordinal}`, message: 'database system is ready to accept connections' })
}
