import { existsSync } from 'node:fs'
import process from 'node:process'
import { defineConfig } from '@playwright/test'

const system = '/usr/bin/chromium'
const executablePath = process.env.HOWDAH_TEST_CHROMIUM ?? (existsSync(system) ? system : undefined)

/** The console in a real Chromium, against the real server with real databases. */
export default defineConfig({
  testDir: '.',
  globalSetup: './build.ts',
  outputDir: '../../node_modules/.cache/howdah/playwright',
  // One server for all: its databases are the tests' own, by name.
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
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
