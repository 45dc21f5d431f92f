import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { bundle } from './bundle.ts'
import { beginPackage, readManifest } from './manifest.ts'

const workspace = 'apps/cli'

/** `@howdah/cli`: the command with the SDK in it. It starts the server where that is installed beside it. */
export async function stageCli(staging: string): Promise<string> {
  const program = join(staging, 'cli', 'dist', 'main.js')
  const { dependencies } = await bundle(`${workspace}/src/main.ts`, program)
  await chmod(program, 0o755)
  const { peerDependencies, peerDependenciesMeta } = await readManifest(workspace)
  return await beginPackage(staging, workspace, {
    bin: { howdah: 'dist/main.js' },
    engines: { node: '>=22.12' },
    dependencies,
    peerDependencies,
    peerDependenciesMeta,
  })
}
