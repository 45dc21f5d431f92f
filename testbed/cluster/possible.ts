import { totalmem } from 'node:os'
import process from 'node:process'
import { findProgram } from '../../tools/needs/find-program.ts'
import { go } from '../../tools/needs/go.ts'
import { Missing } from '../../tools/needs/missing.ts'
import { canMakeCgroups } from './cgroups.ts'
import { networkInTheWay } from './network.ts'

/** What of a machine decides whether it can carry the bed. */
export interface Capacity {
  readonly platform: string
  readonly isRoot: boolean
  /** It has the programs of Debian's packages. */
  readonly isDebian: boolean
  readonly memoryBytes: number
  readonly hasCgroups: boolean
  /** A network of its own that the bed's would hide. */
  readonly network: string | undefined
  /** What is said where there is no Go. */
  readonly go: string | undefined
}

/** What all of the bed may take, addons and databases of the tests included; `npm run bench -- bed` measures it. */
const leastMemory = 6 * 2 ** 30

/** Throw `Missing`, with what to do instead, on a machine that cannot carry the bed. */
export async function refuseWhereImpossible(): Promise<void> {
  refuse(await capacityOfThis())
}

/** The first thing that is missing, in the order in which one would go about it. */
export function refuse(machine: Capacity): void {
  const reason = whyNot(machine)
  if (reason !== undefined)
    throw new Missing(`${reason}. Any Kubernetes with CloudNativePG serves instead: HOWDAH_TEST_KUBECONFIG=FILE`)
}

function whyNot({ go, hasCgroups, isDebian, isRoot, memoryBytes, network, platform }: Capacity): string | undefined {
  if (platform !== 'linux')
    return `the test cluster needs Linux, and this is ${platform}`
  if (!isRoot)
    return 'the test cluster needs root: it makes network namespaces, mounts and cgroups'
  if (!isDebian)
    return 'the test cluster is made from Debian packages, and there is no apt-get here'
  if (memoryBytes < leastMemory)
    return `the test cluster needs ${leastMemory / 2 ** 30} GiB of memory, and there are ${(memoryBytes / 2 ** 30).toFixed(1)}`
  if (!hasCgroups)
    return 'the test cluster needs cgroups that it may write to (/sys/fs/cgroup), which a container has not'
  if (network !== undefined)
    return `the test cluster needs the network ${network}, which something else on this machine uses`
  return go
}

async function capacityOfThis(): Promise<Capacity> {
  const { platform } = process
  const isRoot = process.getuid?.() === 0
  return {
    platform,
    isRoot,
    isDebian: await findProgram('apt-get') !== undefined && await findProgram('dpkg-deb') !== undefined,
    memoryBytes: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
    // Asked only where the answer is used: the probe makes one.
    hasCgroups: platform === 'linux' && isRoot && await canMakeCgroups(),
    network: platform === 'linux' ? await networkInTheWay() : undefined,
    go: await go().then(() => undefined, (error: unknown) => {
      if (error instanceof Missing)
        return error.message
      throw error
    }),
  }
}
