import { availableParallelism } from 'node:os'
import process from 'node:process'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './e2e/cluster/longest-first.ts'

/** Tests that are lanes of their own: they start the whole product, and are not what one waits for while writing code. */
const lanes = {
  start: 'e2e/start.test.ts',
  clients: 'e2e/clients.test.ts',
  fuzz: 'e2e/fuzz.test.ts',
  pack: 'tools/pack.test.ts',
  chart: 'deploy/helm/chart.test.ts',
  infra: 'infra/infra.test.ts',
}
const cloudTests = ['e2e/cloud/**/*.test.ts']
const s3Tests = ['{e2e,packages}/**/*.s3.test.ts']
const olderTests = ['packages/*/src/**/*.older.test.ts']
const clusterTests = ['e2e/cluster/*.test.ts', 'packages/*/src/**/*.cluster.test.ts']
const longClusterTests = ['e2e/cluster/long/*.test.ts', 'packages/*/src/**/*.cluster-long.test.ts']
/** These take away what others stand on. */
const outageTests = ['e2e/cluster/long/outages.test.ts']

/** One project per lane of `npm test` (tools/lanes). `vitest run <path>` finds the project by itself. */
export default defineConfig({
  test: {
    // Nothing sleeps for time, so these only end what hangs; PostgreSQL on a busy machine takes many times as long.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    teardownTimeout: 30_000,
    // Most tests talk to a real PostgreSQL, which wants its share of the cores.
    maxWorkers: Math.max(2, Math.floor(availableParallelism() / 2)),
    restoreMocks: true,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{apps,packages,tools,bench,e2e,infra,testbed}/**/*.test.ts'],
          exclude: [
            '**/node_modules/**',
            '**/dist/**',
            ...Object.values(lanes),
            ...clusterTests,
            ...longClusterTests,
            ...cloudTests,
            ...s3Tests,
            ...olderTests,
          ],
        },
      },
      ...Object.entries(lanes).map(([name, path]) => ({
        extends: true as const,
        test: {
          name,
          include: [path],
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      })),
      {
        extends: true,
        test: { name: 's3', include: s3Tests, globalSetup: 'e2e/s3/global-setup.ts' },
      },
      {
        extends: true,
        test: { name: 'older', include: olderTests, globalSetup: 'e2e/older/global-setup.ts' },
      },
      // Only where it is named: it plays longer what a test of the lane `unit` plays for a minute.
      ...process.argv.includes('--project=ledger')
        ? [{
            extends: true as const,
            test: { name: 'ledger', include: ['packages/*/src/**/ledger.test.ts'], env: { HOWDAH_LEDGER_ROUNDS: process.env.HOWDAH_LEDGER_ROUNDS ?? '30' } },
          }]
        : [],
      // The same: it kills after every effect where a test of the lane `unit` kills after some.
      ...process.argv.includes('--project=crash')
        ? [{
            extends: true as const,
            test: { name: 'crash', include: ['packages/*/src/**/crash.test.ts'], env: { HOWDAH_CRASH_ROUNDS: 'Infinity' } },
          }]
        : [],
      // Only where it is named: whoever runs all tests does not expect an OpenStack.
      {
        extends: true,
        test: {
          name: 'cloud',
          include: cloudTests,
          // Each of its tests goes on where the one before it ended.
          bail: 1,
          testTimeout: 1_200_000,
          hookTimeout: 300_000,
        },
      },
      // Only where they are named: whoever tests the code of a package does not expect to bring a Kubernetes up.
      ...process.argv.slice(2).some(argument => argument.includes('cluster'))
        ? [
            clusterProject('cluster', { include: clusterTests, maxWorkers: 4, sequence: { groupOrder: 1 } }),
            clusterProject('cluster-long', { include: longClusterTests, exclude: outageTests, maxWorkers: 4, sequence: { groupOrder: 2 } }),
            clusterProject('cluster-long-outages', { include: outageTests, fileParallelism: false, sequence: { groupOrder: 3 } }),
          ]
        : [],
    ],
  },
})

/** A project that runs against a real Kubernetes: see e2e/cluster. Its tests wait for others most of the time. */
function clusterProject(name: string, test: { readonly include: string[], readonly exclude?: string[], readonly fileParallelism?: boolean, readonly maxWorkers?: number, readonly sequence: { readonly groupOrder: number } }) {
  return {
    extends: true as const,
    test: {
      name,
      globalSetup: 'e2e/cluster/global-setup.ts',
      testTimeout: 600_000,
      hookTimeout: 600_000,
      ...test,
    },
  }
}
