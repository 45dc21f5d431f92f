import process from 'node:process'
import { findProgram } from '../../tools/needs/find-program.ts'
import { go } from '../../tools/needs/go.ts'
import { Missing } from '../../tools/needs/missing.ts'
import { canMakeCgroups } from './cgroups.ts'
import { networkInTheWay } from './network.ts'

/** Throw `Missing`, with what to do instead, on a machine that cannot carry the bed. */
export async function refuseWhereImpossible(): Promise<void> {
  const reason = await whyNot()
  if (reason)
    throw new Missing(`${reason}. Any Kubernetes with CloudNativePG serves instead: HOWDAH_TEST_KUBECONFIG=FILE`)
  await go()
}

async function whyNot(): Promise<string | undefined> {
  if (process.platform !== 'linux')
    return `the test cluster needs Linux, and this is ${process.platform}`
  if (process.getuid?.() !== 0)
    return 'the test cluster needs root: it makes network namespaces, mounts and cgroups'
  if (!await findProgram('apt-get') || !await findProgram('dpkg-deb'))
    return 'the test cluster is made from Debian packages, and there is no apt-get here'
  if (!await canMakeCgroups())
    return 'the test cluster needs cgroups that it may write to (/sys/fs/cgroup), which a container has not'
  const network = await networkInTheWay()
  if (network)
    return `the test cluster needs the network ${network}, which something else on this machine uses`
  return undefined
}
