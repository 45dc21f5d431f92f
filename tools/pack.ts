/**
 * `npm run pack [-- FOLDER]`: the real npm packages of the SDK, the command and the server as tarballs in dist/. Node
 * strips no types inside node_modules, so they carry JavaScript and declarations. What of the workspace only they use is
 * inside them; what is on npm stays a dependency, at the exact version that was tested here.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { stageCli } from './pack/cli.ts'
import { stageSdk } from './pack/sdk.ts'
import { stageServer } from './pack/server.ts'
import { root } from './root.ts'
import { run } from './run.ts'

const target = resolve(process.argv[2] ?? join(root, 'dist'))
await mkdir(target, { recursive: true })
// Inside the repository, so that the compiler finds the types that the sources need.
const staging = await mkdtemp(join(root, '.pack-'))
try {
  for (const stage of [stageSdk, stageCli, stageServer]) {
    const folder = await stage(staging)
    const code = await run('npm', ['pack', '--silent', '--pack-destination', target], { cwd: folder })
    if (code !== 0)
      throw new Error(`npm pack failed in ${folder}`)
  }
}
finally {
  await rm(staging, { recursive: true, force: true })
}
