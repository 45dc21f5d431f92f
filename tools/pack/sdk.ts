import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { root } from '../root.ts'
import { run } from '../run.ts'
import { beginPackage } from './manifest.ts'

const workspace = 'packages/sdk'

/** `@howdah/sdk`: one JavaScript file and one declaration per source, for Node and for bundlers of browsers. */
export async function stageSdk(staging: string): Promise<string> {
  const folder = await beginPackage(staging, workspace, {
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    sideEffects: false,
    engines: { node: '>=20.3' },
  })
  const config = join(staging, 'tsconfig.sdk.json')
  await writeFile(config, JSON.stringify({
    extends: '../tsconfig.json',
    compilerOptions: {
      target: 'es2022',
      // What both Node and browsers have, and nothing that only one of them has.
      lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable'],
      types: [],
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: join(root, workspace, 'src'),
      outDir: join(folder, 'dist'),
    },
    include: [join(root, workspace, 'src')],
    exclude: [join(root, workspace, 'src/**/*.test.ts')],
  }))
  if (await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config]) !== 0)
    throw new Error('The SDK does not compile')
  return folder
}
