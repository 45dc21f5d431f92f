import { refuseWhereImpossible } from '../../testbed/cloud/possible.ts'

/** A machine that can carry the test cloud. */
export async function cloud(): Promise<void> {
  await refuseWhereImpossible()
}
