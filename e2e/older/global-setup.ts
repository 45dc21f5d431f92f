import type { TestProject } from 'vitest/node'
import { olderPostgres } from '../../tools/needs/older-postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** `bin` of the minor of PostgreSQL that the tests of the lane `older` begin with. */
    olderPostgres: string
  }
}

export default async function setup(project: TestProject): Promise<void> {
  project.provide('olderPostgres', await olderPostgres())
}
