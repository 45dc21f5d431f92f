import type { Account } from './account.ts'
import type { ArchiveSite } from './archive-site.ts'
import type { Binaries } from './binaries.ts'
import type { Authority } from './certificates.ts'
import type { Log } from './log.ts'
import type { LocalEngineOptions } from './options.ts'
import type { InstallationPaths } from './paths.ts'
import type { SupervisionTimings } from './supervision-timings.ts'
import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { checkReachable, resolveAccount } from './account.ts'
import { openArchiveSite } from './archive-site.ts'
import { sharesBlocks } from './backup/shares-blocks.ts'
import { discoverBinaries } from './binaries.ts'
import { openAuthority } from './certificates.ts'
import { makeFolder } from './files.ts'
import { installationPaths } from './paths.ts'
import { spreadFolders } from './spread.ts'
import { usualTimings } from './supervision-timings.ts'

/** What every part of the driver knows about where it works. */
export interface Installation {
  readonly paths: InstallationPaths
  /** Host name or address that users are given. */
  readonly host: string
  readonly account: Account | undefined
  readonly authority: Authority
  /** Newest major first, the best of each major before the others. */
  readonly binaries: readonly Binaries[]
  /** Undefined where no backups are kept. */
  readonly archives: ArchiveSite | undefined
  /** Whether copies of files share their blocks until one of them is written to. */
  readonly sharesBlocks: boolean
  /** Networks that most creates let in. */
  readonly usualCidrs: readonly string[]
  readonly log: Log
  readonly timings: SupervisionTimings
}

/** Make or find everything that is there once per data directory. */
export async function openInstallation(options: LocalEngineOptions): Promise<Installation> {
  const dataDir = resolve(options.dataDir)
  const paths = installationPaths(dataDir)
  for (const folder of [dataDir, paths.databases, paths.templates, paths.trash])
    await makeFolder(folder, 0o755)
  await spreadFolders(paths.databases)
  const account = await resolveAccount(options.account)
  await checkReachable(dataDir, account)
  // Whoever begins learns at once that the folder is a wrong one. Later an archive that is away must not be the end of all supervision.
  const hasDatabases = (await readdir(paths.databases)).length > 0
  const away = (error: unknown): void => options.log.error({ err: error }, 'the folder of the archives cannot be used; databases go on, and say so when they archive')
  return {
    paths,
    host: options.host ?? '127.0.0.1',
    account,
    authority: await openAuthority(paths.authority),
    binaries: await discoverBinaries(dataDir),
    sharesBlocks: await sharesBlocks(paths.templates),
    archives: options.archives && await openArchiveSite(options.archives, dataDir, account, hasDatabases ? away : undefined),
    usualCidrs: options.usualCidrs ?? [],
    log: options.log,
    timings: { ...usualTimings, ...options.timings },
  }
}
