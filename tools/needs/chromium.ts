import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { chromium as playwrights } from '@playwright/test'
import { root } from '../root.ts'
import { run } from '../run.ts'
import { aptInstall } from './apt.ts'
import { findProgram } from './find-program.ts'
import { Missing } from './missing.ts'

/** Playwright's own tries for minutes where its server cannot be reached. */
const downloadTimeoutMs = 10_000

/** Path of a Chromium that is here: the one that HOWDAH_TEST_CHROMIUM names, Playwright's own, or the system's. */
export async function findChromium(): Promise<string | undefined> {
  const own = playwrights.executablePath()
  return process.env.HOWDAH_TEST_CHROMIUM
    ?? (existsSync(own) ? own : undefined)
    ?? await findProgram('chromium')
    ?? await findProgram('google-chrome')
}

/** Path of a Chromium: what is here, else Playwright's download, else Debian's package. */
export async function chromium(): Promise<string> {
  const path = await findChromium()
    ?? (await downloaded() ? playwrights.executablePath() : undefined)
    ?? (await aptInstall('chromium') ? await findProgram('chromium') : undefined)
  if (!path)
    throw new Missing('Chromium is missing; install it (npx playwright install --with-deps chromium, or Debian: apt-get install chromium)')
  return path
}

/** A download whose libraries the system does not have is as good as none. */
async function downloaded(): Promise<boolean> {
  const playwright = join(root, 'node_modules', '.bin', 'playwright')
  return await run(playwright, ['install', 'chromium'], { env: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: String(downloadTimeoutMs) } }) === 0
    && await run(playwrights.executablePath(), ['--version']) === 0
}
