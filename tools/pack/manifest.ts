import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../root.ts'

/** What of a package.json matters here. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly keywords?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, unknown>>
}

export async function readManifest(workspace: string): Promise<Manifest> {
  // The workspace's own file, which npm has read before.
  return JSON.parse(await readFile(join(root, workspace, 'package.json'), 'utf8')) as Manifest
}

/** Begin a package: its folder with README, licence and package.json. `more` is what differs from the workspace's. */
export async function beginPackage(staging: string, workspace: string, more: object): Promise<string> {
  const { name, version, description, license, keywords } = await readManifest(workspace)
  const folder = join(staging, name.replace('@howdah/', ''))
  await mkdir(folder, { recursive: true })
  await copyFile(join(root, workspace, 'README.md'), join(folder, 'README.md'))
  await copyFile(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  const manifest = { name, version, description, license, keywords, type: 'module', ...more }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  return folder
}
