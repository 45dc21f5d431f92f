import { createHash } from 'node:crypto'
import { access, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../root.ts'
import { run } from '../run.ts'
import { aptInstall } from './apt.ts'
import { cache } from './cache.ts'
import { findProgram } from './find-program.ts'
import { Missing } from './missing.ts'

/**
 * Folder with the programs (`python`, `schemathesis`) of a Python environment that has what test-requirements.txt
 * pins. Made once for each content of that file.
 */
export async function python(): Promise<string> {
  const requirements = join(root, 'tools', 'test-requirements.txt')
  const key = createHash('sha256').update(await readFile(requirements)).digest('hex').slice(0, 12)
  const folder = join(cache, `python-${key}`)
  const complete = join(folder, 'complete')
  if (await access(complete).then(() => true, () => false))
    return join(folder, 'bin')

  await rm(folder, { recursive: true, force: true })
  if (!await makeEnvironment(folder))
    throw new Missing('Python 3 with venv is missing (Debian: apt-get install python3-venv)')
  const pip = join(folder, 'bin', 'pip')
  if (await run(pip, [
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--requirement',
    requirements,
  ]) !== 0) {
    throw new Missing('pip could not install tools/test-requirements.txt')
  }
  await writeFile(complete, '')
  return join(folder, 'bin')
}

async function makeEnvironment(folder: string): Promise<boolean> {
  const make = async () => {
    const interpreter = await findProgram('python3')
    return interpreter !== undefined && await run(interpreter, ['-m', 'venv', folder]) === 0
  }
  return await make() || (await aptInstall('python3-venv') && await make())
}
