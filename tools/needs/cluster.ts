import { access } from 'node:fs/promises'
import process from 'node:process'
import { refuseWhereImpossible } from '../../testbed/cluster/possible.ts'
import { Missing } from './missing.ts'

/** A Kubernetes: the one that is named, or a machine that can carry the test cluster. */
export async function cluster(): Promise<void> {
  const given = process.env.HOWDAH_TEST_KUBECONFIG
  if (!given)
    return await refuseWhereImpossible()
  await access(given).catch(() => {
    throw new Missing(`HOWDAH_TEST_KUBECONFIG names a file that is not there: ${given}`)
  })
}
