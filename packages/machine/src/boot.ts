import { readIfThere } from './read-if-there.ts'

/** Names the time since the machine was last started; undefined where the system does not tell it. */
export async function bootId(): Promise<string | undefined> {
  return (await readIfThere('/proc/sys/kernel/random/boot_id'))?.trim()
}
