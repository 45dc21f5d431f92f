import type { Engine } from '@howdah/engine'
import type { InstallationId } from '@howdah/engine-cnpg'
import type { FastifyInstance } from 'fastify'
import type { PoolConfig } from 'pg'
import type { BucketConfig, Config, LocationConfig } from './config.ts'
import type { Domain } from './domain/domain.ts'
import type { Installation } from './domain/installation.ts'
import type { SecretBox } from './domain/sealed.ts'
import type { ConsolePages } from './http/plugins/console.ts'
import type { Services } from './http/services.ts'
import type { Worker } from './reconcile/worker.ts'
import type { Store } from './store/db.ts'
import type { Logger } from './telemetry/log.ts'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createCnpgEngine } from '@howdah/engine-cnpg'
import { createLocalEngine, openBucket, openPrivatePostgres } from '@howdah/engine-local'
import { caFiles } from './ca-files.ts'
import { createAccess } from './domain/access.ts'
import { defaultAllowedCidrs } from './domain/create-database.ts'
import { prepareInstallation } from './domain/installation.ts'
import { holdLocationsToIdentity } from './domain/location-identity.ts'
import { createPasswords } from './domain/passwords.ts'
import { createSecretBox } from './domain/sealed.ts'
import { createSystemState } from './domain/system-state.ts'
import { createApp } from './http/app.ts'
import { createAuthenticate } from './http/plugins/authenticate.ts'
import { readConsolePages } from './http/plugins/console.ts'
import { startBackupSchedule } from './reconcile/backup-schedule.ts'
import { startChores } from './reconcile/chores.ts'
import { startObserver } from './reconcile/observer.ts'
import { startSampler } from './reconcile/sampler.ts'
import { startWorker } from './reconcile/worker.ts'
import { readSecretKeys } from './secret-key.ts'
import { databaseReader } from './store/database-reader.ts'
import { openStore } from './store/db.ts'
import { findInstallationId } from './store/installation.ts'
import { listen } from './store/listener.ts'
import { migrate } from './store/migrate.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { version } from './version.ts'

/** What is done with archives where no control plane runs. */
export { inspectArchives, restoreIntoFolder } from '@howdah/engine-local'

export interface ControlPlane {
  readonly domain: Domain
  readonly installation: Installation
  /** Undefined in a process that is a worker only. */
  readonly app: FastifyInstance | undefined
  /** What such a process may have instead: how it is, and its metrics. */
  readonly health: FastifyInstance | undefined
  /** Tell what address people use, once it is known. */
  setPublicUrl: (url: string) => void
  /** End what runs, hand over what waits, close everything. Databases run on. */
  drain: () => Promise<void>
}

/** Puts the program together. The only place that knows which drivers there are. */
export async function compose(config: Config, log: Logger): Promise<ControlPlane> {
  const box = createSecretBox(config.secretKeys ?? await readSecretKeys(config.dataDir))
  const identified = Promise.withResolvers<void>()
  const identity = { id: '', known: identified.promise }
  const engines = new Map((config.locations ?? embeddedLocations(config)).map(location => [location.name, createEngine(location, { box, config, identity, log })]))
  // Side by side: the store is not needed to find out which databases run on this machine.
  const [{ connection, closeEmbedded, store }] = await Promise.all([prepareStore(), openEngines(engines, log)])

  let worker: Worker | undefined
  const domain: Domain = {
    id: randomUUID(),
    store,
    readDatabase: databaseReader(store.pool),
    box,
    engines,
    log,
    caFile: caFiles(config.dataDir),
    wake: () => worker?.wake(),
  }
  await holdLocationsToIdentity(domain)
  const passwords = createPasswords()
  const installation = await prepareInstallation(domain, passwords, config.admin)
  identity.id = installation.id
  const listener = await listen(connection, error => log.warn({ err: error }, 'notifications of the store cannot be heard'))
  const access = createAccess(domain, { installationId: installation.id, passwords, news: listener })
  const metrics = createMetrics()
  const draining = new AbortController()
  let publicUrl = config.publicUrl ?? `http://${config.host}:${config.port}`
  const services: Services = {
    authenticate: createAuthenticate(access, () => publicUrl),
    access,
    hub: listener,
    metrics,
    system: createSystemState(domain, metrics),
    version,
    publicUrl: () => publicUrl,
    draining: draining.signal,
  }

  const { trustProxy } = config
  const app = config.roles.api ? await createApp({ domain, services, trustProxy, consolePages: await readConsole() }) : undefined
  const health = !app && config.healthPort !== undefined ? await createApp({ domain, services, trustProxy, isHealthOnly: true }) : undefined
  const closers: (() => Promise<void> | void)[] = []
  if (config.roles.worker) {
    const started = startWorker({ domain, metrics, concurrency: config.workerConcurrency })
    worker = started
    const observers = [...engines].map(([location, engine]) => startObserver(domain, location, engine, { onNews: started.nudge, leads: () => listener.lead(`events of ${location}`) }))
    // What this process queued, it has told its worker before.
    const stopListening = listener.onWork(by => by !== domain.id && started.wake())
    const stopChores = startChores(domain)
    const stopSchedule = startBackupSchedule(domain)
    const stopSampler = startSampler(domain)
    closers.push(stopSampler, stopChores, stopSchedule, stopListening, started.drain, ...observers.map(observer => observer.close))
  }

  return {
    domain,
    installation,
    app,
    health,
    setPublicUrl: url => void (publicUrl = config.publicUrl ?? url),
    async drain() {
      draining.abort()
      await app?.close()
      await health?.close()
      for (const close of closers)
        await close()
      await Promise.all([...engines.values()].map(engine => engine.close()))
      await access.close()
      await listener.close()
      await store.close()
      await closeEmbedded()
    },
  }

  async function prepareStore(): Promise<{ connection: PoolConfig, closeEmbedded: () => Promise<void>, store: Store }> {
    const { connection, closeEmbedded } = await openConnection(config, log)
    const store = openStore(connection, config.databasePool, error => log.warn({ err: error }, 'a connection to the store broke'))
    const applied = await migrate(store.pool)
    if (applied.length > 0)
      log.info({ migrations: applied }, 'the store was migrated')
    // Before the first start has made it there is nothing anywhere that is ours.
    identity.id = await findInstallationId(store.db) ?? ''
    identified.resolve()
    return { connection, closeEmbedded, store }
  }
}

/** An engine that cannot be opened now does not keep the others, or the API, from working: `check()` says why. */
async function openEngines(engines: ReadonlyMap<string, Engine>, log: Logger): Promise<void> {
  await Promise.all([...engines].map(async ([location, engine]) => {
    try {
      await engine.open()
    }
    catch (error) {
      if (engines.size === 1)
        throw error
      log.error({ err: error, location }, 'the location cannot be opened')
    }
  }))
}

async function openConnection(config: Config, log: Logger): Promise<{ connection: PoolConfig, closeEmbedded: () => Promise<void> }> {
  if (config.database)
    return { connection: config.database, closeEmbedded: async () => {} }
  const postgres = await openPrivatePostgres({ dataDir: config.dataDir, logger: log, ...(config.postgresAccount === undefined ? {} : { account: config.postgresAccount }) })
  return { connection: postgres.connection, closeEmbedded: postgres.close }
}

/** Without a file of locations there is one: this machine. */
function embeddedLocations(config: Config): LocationConfig[] {
  return [{ name: 'local', engine: 'local', settings: { ...config.embedded } }]
}

function createEngine({ name, engine, settings }: LocationConfig, { box, config, identity, log }: { readonly config: Config, readonly identity: InstallationId, readonly box: SecretBox, readonly log: Logger }): Engine {
  switch (engine) {
    case 'local': {
      // Read from a file that the operator wrote; the driver checks what it is given.
      const { host, portRange, poolSize, account = config.postgresAccount, dataDir = config.dataDir, backups = join(dataDir, 'backups') } = settings as { host?: string, portRange?: [number, number], poolSize?: number, account?: string, dataDir?: string, backups?: string | BucketConfig }
      return createLocalEngine({
        dataDir,
        archives: { store: typeof backups === 'string' ? { kind: 'folder', path: backups } : { kind: 's3', ...backups }, keys: box.deriveAll },
        location: name,
        usualCidrs: defaultAllowedCidrs,
        log: log.child({ location: name }),
        ...(host === undefined ? {} : { host }),
        ...(portRange === undefined ? {} : { portRange: { from: portRange[0], to: portRange[1] } }),
        ...(poolSize === undefined ? {} : { poolSize }),
        ...(account === undefined ? {} : { account }),
      })
    }
    case 'cnpg':
      return createCnpgEngine({ location: name, installation: identity, settings, log: log.child({ location: name }), openBucket })
    default:
      throw new Error(`The location ${name} asks for the engine "${engine}"; this release knows: local, cnpg`)
  }
}

/** Beside the program in a package, and where the build leaves it in the repository. */
async function readConsole(): Promise<ConsolePages | undefined> {
  for (const folder of ['../console', '../../console/dist']) {
    const pages = await readConsolePages(fileURLToPath(new URL(folder, import.meta.url)))
    if (pages)
      return pages
  }
  return undefined
}
