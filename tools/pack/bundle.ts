import type { Manifest } from './manifest.ts'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from '../root.ts'
import { readManifest } from './manifest.ts'

/** Packages of npm that bundled code needs. */
export interface Needs {
  readonly dependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
}

/** Make one JavaScript file of a program, of what it uses of the workspace, and of the packages `inside`; answers what it still needs of npm. */
export async function bundle(entry: string, outfile: string, { inside = [] }: { inside?: readonly string[] } = {}): Promise<Needs> {
  const manifests = await workspaceManifests()
  const ofNpm = new Set([...manifests.values()].flatMap(({ dependencies, optionalDependencies }) => Object.keys({ ...dependencies, ...optionalDependencies })).filter(name => !name.startsWith('@howdah/')))
  const { metafile } = await build({
    entryPoints: [join(root, entry)],
    outfile,
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    external: [...ofNpm].filter(name => !inside.includes(name)),
    metafile: true,
    legalComments: 'none',
  })
  const inputs = Object.keys(metafile.inputs)
  const strays = inputs.filter(path => path.includes('node_modules/') && !inside.some(name => path.includes(`node_modules/${name}/`)))
  if (strays.length > 0)
    throw new Error(`No manifest of the workspace lists what ${entry} imports: ${strays.join(', ')}`)
  return needsOf([...manifests].filter(([folder]) => inputs.some(path => path.startsWith(`${folder}/`))).map(([, manifest]) => manifest))
}

/** Whatever a workspace lists it may also look up while it runs, so its whole list counts. */
function needsOf(manifests: readonly Manifest[]): Needs {
  const collect = (lists: readonly (Readonly<Record<string, string>> | undefined)[]): Record<string, string> =>
    Object.fromEntries(lists.flatMap(list => Object.entries(list ?? {})).filter(([name]) => !name.startsWith('@howdah/')).sort(([a], [b]) => a < b ? -1 : 1))
  return {
    dependencies: collect(manifests.map(({ dependencies }) => dependencies)),
    optionalDependencies: collect(manifests.map(({ optionalDependencies }) => optionalDependencies)),
  }
}

async function workspaceManifests(): Promise<Map<string, Manifest>> {
  const manifests = new Map<string, Manifest>()
  for (const parent of ['packages', 'apps']) {
    for (const name of await readdir(join(root, parent)))
      manifests.set(`${parent}/${name}`, await readManifest(`${parent}/${name}`))
  }
  return manifests
}
