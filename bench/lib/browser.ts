import type { Page } from '@playwright/test'
import type { Context } from './bench.ts'
import type { BenchServer } from './server.ts'
import { chromium as playwright } from '@playwright/test'
import { ensureConsole } from '../../tools/console.mjs'
import { chromium } from '../../tools/needs/chromium.ts'

/** Opens pages, each in a browser profile of its own that is signed in and has nothing cached. */
export interface BenchBrowser {
  readonly page: (path: string) => Promise<Page>
}

/** A real Chromium. The server has to be started after this: it serves the console that was built when it starts. */
export async function openBrowser({ afterwards }: Context): Promise<(server: BenchServer) => BenchBrowser> {
  await ensureConsole()
  const browser = await playwright.launch({ executablePath: await chromium(), args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'] })
  afterwards(async () => await browser.close())
  return ({ url, admin }) => ({
    page: async (path) => {
      const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 820 } })
      const signedIn = await context.request.post('/api/auth/login', { data: { ...admin, cookie: true }, headers: { origin: url } })
      if (!signedIn.ok())
        throw new Error(`signing in answered ${signedIn.status()}`)
      const page = await context.newPage()
      await page.goto(path)
      return page
    },
  })
}
