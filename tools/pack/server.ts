import { chmod, cp, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import process from 'node:process'
import { root } from '../root.ts'
import { run } from '../run.ts'
import { bundle } from './bundle.ts'
import { beginPackage } from './manifest.ts'

const workspace = 'apps/server'

/** `@howdah/server`: the control plane, its migrations, its console, and the drivers inside it. */
export async function stageServer(staging: string): Promise<string> {
  const program = join(staging, 'server', 'dist', 'main.js')
  const needs = await bundle(`${workspace}/src/main.ts`, program)
  await chmod(program, 0o755)
  // Programs that are copied beside the data have to be one file each, with all that they need.
  await bundle('packages/engine-local/src/archive/main.ts', join(staging, 'server', 'dist', 'archive', 'main.js'), { inside: ['aws4fetch'] })
  await bundle('packages/engine-local/src/gateway/main.ts', join(staging, 'server', 'dist', 'gateway', 'main.js'))
  // What runs beside it: what moves gigabytes, as a thread or a process, and what reads a connection without giving way.
  await bundle('packages/engine-local/src/backup/mover/main.ts', join(staging, 'server', 'dist', 'mover', 'main.js'))
  await bundle('packages/engine-local/src/upgrade/pg-dump/main.ts', join(staging, 'server', 'dist', 'pg-dump', 'main.js'))
  await cp(join(root, workspace, 'src/store/migrations'), join(staging, 'server/dist/migrations'), { recursive: true })
  if (await run(process.execPath, [join(root, 'tools/console.mjs')]) !== 0)
    throw new Error('The console cannot be built')
  await cp(join(root, 'apps/console/dist'), join(staging, 'server/console'), { recursive: true, filter: path => basename(path) !== 'sources.sha256' })
  await cp(join(root, 'packages/contract/openapi.json'), join(staging, 'server/openapi.json'))
  await copySwagger(join(staging, 'server/node_modules/swagger-ui-dist'))
  return await beginPackage(staging, workspace, {
    bin: { 'howdah-server': 'dist/main.js' },
    exports: { '.': './dist/main.js', './openapi.json': './openapi.json' },
    // Passwords are hashed with argon2 of node:crypto, which came with this one.
    engines: { node: '>=24.7' },
    ...needs,
    bundleDependencies: ['swagger-ui-dist'],
  })
}

/**
 * The reference page's files go into the package: the original brings 12 MB that nobody asks for and, as a dependency, a
 * script that reports every install to its makers.
 */
async function copySwagger(folder: string): Promise<void> {
  const source = join(root, 'node_modules/swagger-ui-dist')
  for (const name of ['LICENSE', 'NOTICE', 'favicon-32x32.png', 'swagger-ui-bundle.js', 'swagger-ui-bundle.js.LICENSE.txt', 'swagger-ui.css'])
    await cp(join(source, name), join(folder, name))
  const { name, version, license } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as Record<string, string> // written by npm
  await writeFile(join(folder, 'package.json'), `${JSON.stringify({ name, version, license }, null, 2)}\n`)
}
