import { actionlint } from '../needs/actionlint.ts'
import { chromium } from '../needs/chromium.ts'
import { cloud } from '../needs/cloud.ts'
import { cluster } from '../needs/cluster.ts'
import { go } from '../needs/go.ts'
import { helm } from '../needs/helm.ts'
import { olderPostgres } from '../needs/older-postgres.ts'
import { pgbench, psql } from '../needs/postgresql-clients.ts'
import { infraPython, python } from '../needs/python.ts'
import { newestProviders, openstackMirror, openTofu, providerMirror, terraform } from '../needs/terraform.ts'
import { versitygw } from '../needs/versitygw.ts'

export interface Lane {
  readonly name: string
  readonly what: string
  /** A command of node_modules/.bin, or `node`. Counts as one test. */
  readonly command?: readonly [string, ...string[]]
  /** A project of vitest.config.ts, which counts its own tests; `*` stands for anything. */
  readonly project?: string
  /** A configuration of Playwright, which counts its own tests. */
  readonly playwright?: string
  /** What must be on the machine. Each installs it where it can, and otherwise throws `Missing`. */
  readonly needs?: readonly (() => Promise<unknown>)[]
  /** Part of the name of tests that skip what their engine does not offer. The lane `unit` has an engine that offers it. */
  readonly mayExclude?: string
  /** Runs only when it is named: what it tests is not finished, or takes longer than anybody waits for. */
  readonly isByNameOnly?: boolean
  /** Unless it is named, it runs in CI only, and only when something below these folders changed that is not documentation. */
  readonly onlyWhenChanged?: readonly string[]
}

/** In the order in which they find something soonest. */
export const lanes: readonly Lane[] = [
  {
    name: 'lint',
    what: 'style and import boundaries',
    command: ['eslint', '.', '--max-warnings=0'],
  },
  {
    name: 'types',
    what: 'the compiler',
    command: ['tsc', '--noEmit'],
  },
  {
    name: 'console',
    what: 'the compiler, over the console',
    command: ['vue-tsc', '--noEmit', '--project', 'apps/console'],
  },
  {
    name: 'unused',
    what: 'files, exports and dependencies that nothing uses',
    command: ['knip'],
  },
  {
    name: 'generated',
    what: 'generated files are as their sources say',
    command: ['node', 'tools/generate.ts', '--check'],
  },
  { name: 'unit', what: 'every *.test.ts beside the code, on real PostgreSQL', project: 'unit' },
  { name: 'start', what: 'npm start in a fresh copy of this tree', project: 'start' },
  {
    name: 'clients',
    what: 'psql, pgbench, node-postgres, psycopg and pgx over TLS',
    project: 'clients',
    needs: [psql, pgbench, python, go],
  },
  {
    name: 'fuzz',
    what: 'schemathesis over openapi.json',
    project: 'fuzz',
    needs: [python],
  },
  {
    name: 'browser',
    what: 'the console in Chromium, against the real server',
    playwright: 'e2e/console/playwright.config.ts',
    needs: [chromium],
  },
  { name: 'pack', what: 'the packages install and work outside the repository', project: 'pack', needs: [psql] },
  { name: 's3', what: 'archives in a real S3, and what happens to them there', project: 's3', needs: [versitygw] },
  { name: 'older', what: 'servers that run an older minor of PostgreSQL', project: 'older', needs: [olderPostgres] },
  { name: 'chart', what: 'the Helm chart, linted and rendered', project: 'chart', needs: [helm] },
  {
    name: 'infra',
    what: 'Terraform, Ansible and workflows, without a cloud',
    project: 'infra',
    needs: [terraform, go, openTofu, providerMirror, newestProviders, actionlint, infraPython],
  },
  { name: 'crash', what: 'a control plane is killed after every single effect of what it does', project: 'crash', isByNameOnly: true },
  { name: 'ledger', what: '30 random faults in a row hit a database that is written to, twice', project: 'ledger', isByNameOnly: true },
  {
    name: 'cluster',
    what: 'on a real Kubernetes with CloudNativePG',
    project: 'cluster',
    needs: [cluster, helm, psql],
    mayExclude: 'keeps the promises of the engine port',
  },
  { name: 'cluster-long', what: 'faults, outages, drills and adoption on that Kubernetes', project: 'cluster-long*', needs: [cluster], isByNameOnly: true },
  {
    name: 'cloud',
    what: 'infra/ on a real OpenStack, from nothing to a database and back',
    project: 'cloud',
    needs: [cloud, terraform, openstackMirror, infraPython],
    onlyWhenChanged: ['infra/', 'testbed/cloud/', 'e2e/cloud/'],
  },
]
