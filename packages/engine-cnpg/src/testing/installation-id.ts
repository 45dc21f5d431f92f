import type { InstallationId } from '../options.ts'

/** Engines of tests are one control plane in several processes, unless a test says something else. */
export function installationId(id = 'a-test'): InstallationId {
  return { id, known: Promise.resolve() }
}
