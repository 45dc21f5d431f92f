import type { Capabilities } from '@howdah/engine'
import type { Installation } from './installation.ts'
import { availableParallelism, totalmem } from 'node:os'
import { bestOfEachMajor } from './binaries.ts'

/** What this machine offers. Nothing is enforced: the size of a database sets PostgreSQL's own limits. */
export function capabilitiesOf({ archives, binaries, sharesBlocks }: Pick<Installation, 'archives' | 'binaries' | 'sharesBlocks'>): Capabilities {
  const best = bestOfEachMajor(binaries)
  const machineMib = Math.floor(totalmem() / 2 ** 20)
  return {
    versions: best.map(({ major, version, source }) => ({ major, version, source })),
    defaultVersion: best[0]?.major ?? 0,
    maxInstances: 5,
    storage: {
      minGib: 1,
      maxGib: 65_536,
      defaultGib: 10,
      enforced: false,
      canGrow: true,
    },
    cpu: {
      min: 0.1,
      max: availableParallelism(),
      default: 1,
      enforced: false,
    },
    memory: {
      minMib: 128,
      maxMib: machineMib,
      defaultMib: Math.min(512, machineMib),
      enforced: false,
    },
    durability: ['async', 'sync'],
    switchover: true,
    hibernate: true,
    keepVolumes: false,
    branch: archives === undefined ? 'none' : sharesBlocks ? 'copy-on-write' : 'copy',
    backup: archives !== undefined,
    snapshot: false,
    drill: archives !== undefined,
    restoreInPlace: archives !== undefined,
    upgrade: archives !== undefined,
    pooler: false,
    allowedCidrs: true,
  }
}
