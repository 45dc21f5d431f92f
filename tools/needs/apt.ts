import process from 'node:process'
import { run } from '../run.ts'
import { findProgram } from './find-program.ts'

/** Install Debian packages, where this is Debian and we are root. False where that is not so or it failed. */
export async function aptInstall(...packages: string[]): Promise<boolean> {
  const apt = await findProgram('apt-get')
  if (!apt || process.getuid?.() !== 0)
    return false
  return await run(apt, ['update', '-qq']) === 0
    && await run(apt, [
      'install',
      '-y',
      '-qq',
      '--no-install-recommends',
      ...packages,
    ]) === 0
}
