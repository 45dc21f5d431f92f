import { ensureConsole } from '../../tools/console.mjs'

/** The server serves what was built from the present sources. */
export default async function build(): Promise<void> {
  await ensureConsole()
}
