import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { command } from '../../../tools/command.ts'
import { versions } from '../versions.ts'

/** What a root without people needs: no questions, no translations, no daemon started while it is a folder of this machine. */
const settings: Readonly<Record<string, string>> = {
  'etc/apt/apt.conf.d/90howdah': 'Acquire::Languages "none";\nAPT::Install-Recommends "false";\nDpkg::Options {"--force-confdef";"--force-confold";};\nDPkg::Options {"--force-unsafe-io";};\n',
  'etc/dpkg/dpkg.cfg.d/howdah': 'path-exclude=/usr/share/man/*\npath-exclude=/usr/share/doc/*\npath-exclude=/usr/share/locale/*\n',
}
const policy = 'usr/sbin/policy-rc.d'
/** Every package with Python calls it for itself, and starts Python to do so: for some hundred of them that is most of the time. */
const compiler = '/usr/bin/py3compile'

/** A minimal Debian in a folder, from the archives that this machine itself uses. */
export async function debootstrap(root: string): Promise<void> {
  const [main, security] = await archives()
  await mkdir(root, { recursive: true })
  await command('debootstrap', ['--variant=minbase', versions.suite, root, main])
  for (const [path, text] of Object.entries(settings))
    await writeFile(join(root, path), text)
  await writeFile(join(root, 'etc/apt/sources.list'), [
    `deb ${main} ${versions.suite} main`,
    `deb ${main} ${versions.suite}-updates main`,
    `deb ${security} ${versions.suite}-security main`,
    '',
  ].join('\n'))
}

/** Install packages into such a folder, with answers for debconf. */
export async function install(root: string, packages: readonly string[], answers = ''): Promise<void> {
  await copyFile('/etc/resolv.conf', join(root, 'etc/resolv.conf'))
  await writeFile(join(root, policy), '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  const environment = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }
  const within = async (input: string, ...words: string[]) => await command('unshare', ['--mount', 'sh', '-euc', 'mount -t proc proc "$0/proc"; exec chroot "$0" "$@"', root, ...words], { env: environment, input })
  await within(answers, 'debconf-set-selections')
  await within('', 'apt-get', 'update', '-qq')
  await within('', 'dpkg-divert', '--quiet', '--local', '--rename', '--add', compiler)
  await writeFile(join(root, compiler), '#!/bin/sh\n', { mode: 0o755 })
  await within('', 'apt-get', 'install', '-qq', '--yes', '--no-install-recommends', ...packages)
  await rm(join(root, compiler))
  await within('', 'dpkg-divert', '--quiet', '--local', '--rename', '--remove', compiler)
  // Once for all of them. Some hold code of another Python for their own tests, which does not compile.
  await within('', 'sh', '-c', 'command -v python3 >/dev/null && python3 -m compileall -q -j 0 /usr/lib/python3/dist-packages >/dev/null; true')
  await within('', 'apt-get', 'clean')
  await rm(join(root, policy))
  await writeFile(join(root, 'etc/resolv.conf'), '')
}

/** What only a person at a terminal, or the next `apt-get`, would miss. */
export async function slim(root: string): Promise<void> {
  for (const path of ['var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale'])
    await rm(join(root, path), { recursive: true, force: true })
}

/** Where this machine's packages come from: the archive itself, and the one with security updates. */
async function archives(): Promise<readonly [main: string, security: string]> {
  const lines = (await command('apt-get', ['indextargets', '--format', '$(REPO_URI) $(RELEASE) $(ORIGIN) $(LABEL)', 'Created-By: Packages'])).trim().split('\n').map(line => line.split(' '))
  const main = lines.find(([, release = '', origin, label]) => origin === 'Debian' && label === 'Debian' && !release.includes('-'))?.[0]
  const security = lines.find(([, release = '']) => release.endsWith('-security'))?.[0]
  if (!main || !security)
    throw new Error('apt knows no archive of Debian here; deb.debian.org in /etc/apt/sources.list is one')
  return [main, security]
}
