import { rm } from 'node:fs/promises'
import { folders } from './folders.ts'
import { powerOff } from './machine.ts'

/** End it and forget it. What was built stays. */
export async function down(): Promise<void> {
  await powerOff()
  await rm(folders.state, { recursive: true, force: true })
}
