/**
 * `npm run image -- FOLDER`: the two layers of the container image as folders, `base` and `program`. deploy/images/Containerfile
 * puts them into an image; so does the test cluster, without a container engine. On Debian, as it takes its libraries.
 */
import { mkdtemp } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { stageBase } from './image/base.ts'
import { stageProgram } from './image/program.ts'
import { root } from './root.ts'

const [target] = process.argv.slice(2)
if (!target)
  throw new Error('npm run image -- FOLDER')
const libraries = await stageBase(join(resolve(target), 'base'))
// Inside the repository, so that the packages are found.
await stageProgram(join(resolve(target), 'program'), await mkdtemp(join(root, '.pack-')), libraries)
