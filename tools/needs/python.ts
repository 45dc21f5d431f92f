import { createHash } from 'node:crypto'
import { access, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../root.ts'
import { run } from '../run.ts'
import { aptInstall } from './apt.ts'
import { cache } from './cache.ts'
import { findProgram } from './find-program.ts'
import { Missing } from './missing.ts'

/** Folder with the programs (`python`, `schemathesis`) of a Python environment that has what test-requirements.txt pins. */
export async function python(): Promise<string> {
  return await environment('tools/test-requirements.txt')
}

/** The same with what works on infra/: Ansible and the linters. An environment of its own, because the two pin some packages differently. */
export async function infraPython(): Promise<string> {
  return await environment('infra/requirements.txt')
}

/** Made once for each content of the file. */
async function environment(file: string): Promise<string> {
  const requirements = join(root, file)
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
    throw new Missing(`pip could not install ${file}`)
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
