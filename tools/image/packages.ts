import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../root.ts'

/** A package of npm of which something went into a bundle. */
export interface BundledPackage {
  readonly name: string
  readonly version: string
  readonly license: string
  /** Texts of its licence files. */
  readonly notices: readonly string[]
}

/** The packages that files of a bundle belong to, those of this workspace left out. */
export async function packagesOf(files: readonly string[]): Promise<BundledPackage[]> {
  const folders = new Set(files.flatMap(file => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []))
  return await Promise.all([...folders].sort().map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as Record<'name' | 'version' | 'license', string> // written by npm
    const texts = (await readdir(join(root, folder))).filter(file => /^(?:licen[cs]e|notice|copying)/i.test(file))
    return { name, version, license, notices: await Promise.all(texts.map(async file => await readFile(join(root, folder, file), 'utf8'))) }
  }))
}
