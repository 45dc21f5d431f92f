import { rm } from 'node:fs/promises'
import { removeCgroups } from './cgroups.ts'
import { folders } from './folders.ts'
import { machinesOn, powerOff } from './machine.ts'
import { removeBridge } from './network.ts'
import { restoreSysctls } from './sysctls.ts'

/** End what `up` started, and take away what it made of this machine. What was built stays. */
export async function down(): Promise<void> {
  await Promise.all((await machinesOn()).map(powerOff))
  await removeBridge()
  await removeCgroups()
  await restoreSysctls()
  await rm(folders.state, { recursive: true, force: true })
}
