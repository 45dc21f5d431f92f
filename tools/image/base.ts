import type { DebianPackage } from './sbom.ts'
import { chmod, cp, lstat, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { command } from '../command.ts'

/** What Node.js is linked to. */
const libraries = ['libatomic1', 'libc6', 'libgcc-s1', 'libstdc++6']

/** Of the C library, what a program that converts no character sets and is not a shell never opens. */
const unneeded = ['usr/lib/*/gconv', 'lib/*/gconv', 'usr/share/{lintian,locale,bug}', 'usr/bin', 'usr/sbin', 'sbin', 'usr/lib/*/audit', 'lib/*/audit', 'usr/share/gcc', 'usr/share/gdb', 'etc/ld.so.conf.d']

/**
 * The lower layer: Node.js with the libraries of this machine's Debian, and an account that is not root. No shell, no package
 * manager, nothing else. Answers the libraries.
 */
export async function stageBase(folder: string): Promise<DebianPackage[]> {
  await mkdir(folder, { recursive: true })
  await command('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', ...libraries], { cwd: folder })
  const packages: DebianPackage[] = []
  for (const archive of await readdir(folder)) {
    const [name = '', version = ''] = archive.split('_')
    packages.push({ name, version: decodeURIComponent(version) })
    await command('dpkg-deb', ['--extract', archive, '.'], { cwd: folder })
    await rm(join(folder, archive))
  }
  await command('bash', ['-c', `rm -rf ${unneeded.join(' ')}`], { cwd: folder })
  await unite(folder)
  await mkdir(join(folder, 'usr/bin'), { recursive: true })
  await cp(process.execPath, join(folder, 'usr/bin/node'))
  // Names for debuggers of Node.js itself: a fifth of its size.
  await command('strip', ['--strip-all', join(folder, 'usr/bin/node')])
  await mkdir(join(folder, 'etc'), { recursive: true })
  await writeFile(join(folder, 'etc/passwd'), 'root:x:0:0:root:/:/nonexistent\nhowdah:x:65532:65532:Howdah:/var/lib/howdah:/nonexistent\n')
  await writeFile(join(folder, 'etc/group'), 'root:x:0:\nhowdah:x:65532:\n')
  await writeFile(join(folder, 'etc/nsswitch.conf'), 'hosts: files dns\n')
  await mkdir(join(folder, 'tmp'))
  // Not by mkdir, which obeys the umask.
  await chmod(join(folder, 'tmp'), 0o1777)
  return packages
}

/** Newer Debians have all libraries below /usr, and links where they were. */
async function unite(folder: string): Promise<void> {
  for (const name of await readdir(join(folder, 'usr')).then(names => names.filter(name => name.startsWith('lib')))) {
    const isThere = await lstat(join(folder, name)).then(() => true, () => false)
    if (!isThere)
      await symlink(`usr/${name}`, join(folder, name))
  }
  await rm(join(folder, 'usr/libexec'), { recursive: true, force: true })
}
