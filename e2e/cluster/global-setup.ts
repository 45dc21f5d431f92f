import type { TestProject } from 'vitest/node'
import process from 'node:process'
import { postgresqlImage } from '../../testbed/cluster/build/images.ts'
import { controlPlane } from '../../testbed/cluster/control-plane.ts'
import { down } from '../../testbed/cluster/down.ts'
import { s3 } from '../../testbed/cluster/layout.ts'
import { pidOf } from '../../testbed/cluster/machine.ts'
import { up } from '../../testbed/cluster/up.ts'
import { postgresqlSuites } from '../../testbed/cluster/versions.ts'
import { createAccount } from './account.ts'

/** The Kubernetes that the tests of the lane `cluster` run against: `inject('cluster')`. */
export interface ClusterUnderTest {
  /** Path of the administrator's. */
  readonly kubeconfig: string
  /** Path of the one that the chart gives Howdah: what the engine works with. */
  readonly accountKubeconfig: string
  /** Images of PostgreSQL by major version. Absent: the operator's own. */
  readonly postgresqlImages: Readonly<Record<string, string>> | undefined
  /** An S3 store that pods reach, with the bucket `backups`. */
  readonly s3: typeof s3 | undefined
  /** True: its nodes can be cut off and switched off (testbed/cluster/faults.ts). */
  readonly isOurs: boolean
}

declare module 'vitest' {
  interface ProvidedContext {
    cluster: ClusterUnderTest
  }
}

/** Bring the test cluster up, unless there is one, and take it down again where this run brought it up. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const given = process.env.HOWDAH_TEST_KUBECONFIG
  const isMine = !given && !await pidOf(controlPlane)
  const kubeconfig = given || await up()
  const account = await createAccount(kubeconfig)
  provide('cluster', {
    kubeconfig,
    accountKubeconfig: account.kubeconfig,
    ...given
      ? { postgresqlImages: undefined, s3: undefined, isOurs: false }
      : {
          postgresqlImages: Object.fromEntries(Object.keys(postgresqlSuites).map(major => [major, postgresqlImage(Number(major) as keyof typeof postgresqlSuites)])),
          s3,
          isOurs: true,
        },
  })
  return async () => {
    await account.remove()
    if (isMine)
      await down()
  }
}
