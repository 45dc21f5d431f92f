import type { TestProject } from 'vitest/node'
import { versitygw } from '../../tools/needs/versitygw.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the S3 gateway that the tests of the lane `s3` start. */
    versitygw: string
  }
}

export default async function setup(project: TestProject): Promise<void> {
  project.provide('versitygw', await versitygw())
}
