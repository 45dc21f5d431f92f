import { defineConfig } from '@playwright/test'
import { findChromium } from '../../tools/needs/chromium.ts'

const executablePath = await findChromium()

/** The console in a real Chromium, against the real server with real databases. */
export default defineConfig({
  testDir: '.',
  globalSetup: './build.ts',
  outputDir: '../../node_modules/.cache/howdah/playwright',
  // One server for all: its databases are the tests' own, by name.
  workers: 1,
  // Nothing sleeps for time, so these only end what hangs; a busy machine takes many times as long.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    actionTimeout: 30_000,
    viewport: { width: 1280, height: 820 },
    permissions: ['clipboard-read', 'clipboard-write'],
    contextOptions: { reducedMotion: 'reduce' },
    trace: 'off',
    launchOptions: {
      ...(executablePath && { executablePath }),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
})
