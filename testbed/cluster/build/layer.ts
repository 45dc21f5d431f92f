import type { ProgramName } from './programs.ts'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { command } from '../../../tools/command.ts'
import { exists } from '../../../tools/exists.ts'
import { folders } from '../folders.ts'
import { runtimePath } from './debian.ts'
import { pausePath } from './pause.ts'
import { programPath, programs } from './programs.ts'

/** What a layer holds, as data: two layers that say the same are the same layer. */
export type Layer
  /** A program at a path, and links to it. */
  = | { readonly program: ProgramName, readonly at: string, readonly links?: readonly string[] }
    | { readonly pause: string }
    | { readonly busybox: string }
    /** Packages of a suite with what they need, and a shell script that is then run in it. */
    | Suite
    /** Files of another layer, by patterns of tar's. */
    | { readonly of: Suite, readonly files: readonly string[] }

export interface Suite {
  readonly suite: string
  readonly packages: readonly string[]
  readonly setUp: string
}

export interface Blob {
  readonly path: string
  readonly digest: string
  readonly size: number
}

/** The layer as a tar archive, made when it is not there. */
export async function layerBlob(layer: Layer): Promise<Blob> {
  const identity = JSON.stringify('program' in layer ? { ...layer, version: programs[layer.program].version } : layer)
  const path = join(folders.images, 'layers', `${createHash('sha256').update(identity).digest('hex').slice(0, 16)}.tar`)
  if (!await exists(`${path}.json`)) {
    await mkdir(dirname(path), { recursive: true })
    // Beside the layers, because /tmp may be too small for a Debian, or forbid its device files.
    const root = await mkdtemp(join(folders.images, 'root-'))
    try {
      await chmod(root, 0o755)
      await fill(root, layer)
      await pack(root, path)
      // Last, so that an interrupted build is done again.
      await writeFile(`${path}.json`, JSON.stringify(await digestOf(path)))
    }
    finally {
      await rm(root, { recursive: true, force: true })
    }
  }
  return { path, ...JSON.parse(await readFile(`${path}.json`, 'utf8')) as Omit<Blob, 'path'> } // written above
}

/** One folder as a layer: sorted and without times, so that the same content is the same layer. */
export async function pack(root: string, path: string): Promise<void> {
  await command('tar', ['--create', '--file', path, '--sort=name', '--mtime=@0', '--numeric-owner', '--xattrs', '--directory', root, '.'])
}

export async function digestOf(path: string): Promise<{ digest: string, size: number }> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return { digest: `sha256:${hash.digest('hex')}`, size: (await stat(path)).size }
}

async function fill(root: string, layer: Layer): Promise<void> {
  if ('suite' in layer)
    return await debian(root, layer)
  if ('of' in layer)
    return void await command('tar', ['--extract', '--file', (await layerBlob(layer.of)).path, '--directory', root, '--wildcards', ...layer.files])
  const [source, target] = 'program' in layer
    ? [await programPath(layer.program), layer.at]
    : 'pause' in layer
      ? [await pausePath(), layer.pause]
      : [runtimePath('bin/busybox'), layer.busybox]
  await mkdir(dirname(join(root, target)), { recursive: true })
  await copyFile(source, join(root, target))
  await chmod(join(root, target), 0o755)
  for (const link of 'program' in layer ? layer.links ?? [] : [])
    await command('ln', ['-s', target, join(root, link)])
  if ('busybox' in layer)
    await command('chroot', [root, layer.busybox, '--install', '-s', '/bin'])
}

const recipes = '/usr/share/debootstrap/scripts'

async function debian(root: string, { suite, packages, setUp }: Suite): Promise<void> {
  console.log(`installing ${packages.join(', ')} of Debian ${suite} …`)
  const begun = performance.now()
  // An older debootstrap does not know the newest suites by name; they are made like sid.
  const script = await exists(join(recipes, suite)) ? suite : 'sid'
  const defaultMirror = ''
  await command('debootstrap', ['--variant=minbase', `--include=${packages.join(',')}`, suite, root, defaultMirror, join(recipes, script)])
  await command('chroot', [root, 'sh', '-euc', setUp])
  const unneeded = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/info']
  for (const path of unneeded)
    await rm(join(root, path), { recursive: true, force: true })
  console.log(`installed them in ${Math.round((performance.now() - begun) / 1000)} s`)
}
