import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { folders } from '../folders.ts'
import { versions } from '../versions.ts'
import { debootstrap, install, slim } from './debian.ts'
import { keyOf, once } from './once.ts'

const packages = [
  ...['systemd-sysv', 'dbus', 'udev', 'netbase', 'ifupdown', 'isc-dhcp-client', 'iproute2', 'iputils-ping', 'openssh-server', 'sudo', 'cloud-init', 'cloud-guest-utils'],
  ...['fdisk', 'e2fsprogs', 'ca-certificates', 'initramfs-tools', 'zstd', 'python3-apt'],
  // What Kubernetes needs of a node: it has no package source to install it from.
  ...['containerd', 'runc', 'containernetworking-plugins', 'nftables', 'conntrack', 'iptables'],
  // What the small image is made of.
  ...['busybox', 'dropbear-bin'],
]

/** The devices that qemu shows; which ones there are cannot be seen while it is built. */
const initramfs: Readonly<Record<string, string>> = {
  'etc/initramfs-tools/initramfs.conf': 'MODULES=list\nBUSYBOX=auto\nKEYMAP=n\nCOMPRESS=zstd\nDEVICE=\nNFSROOT=auto\nRUNSIZE=10%\nFSTYPE=auto\n',
  'etc/initramfs-tools/modules': 'virtio_pci\nvirtio_blk\nvirtio_net\nvirtio_scsi\next4\n',
}

const configuration: Readonly<Record<string, string>> = {
  'etc/fstab': 'LABEL=root / ext4 defaults,noatime 0 1\n',
  'etc/hostname': 'debian\n',
  'etc/machine-id': '',
  // A runtime without a network for its pods has nothing to do.
  'etc/systemd/system/containerd.service.d/configured.conf': '[Unit]\nConditionDirectoryNotEmpty=/etc/cni/net.d\n',
  'etc/network/interfaces': 'auto lo\niface lo inet loopback\nauto eth0\niface eth0 inet dhcp\n',
  'etc/cloud/cloud.cfg.d/90-howdah.cfg': `datasource_list: [ConfigDrive, OpenStack, None]
datasource: { OpenStack: { timeout: 20, max_wait: 120 } }
ssh_genkeytypes: [ed25519]
apt: { preserve_sources_list: true }
network: { config: disabled }
locale: false
grub_dpkg: { enabled: false }
no_ssh_fingerprints: true
`,
}

/** Work that nobody wants on an emulated processor. */
const silenced = [
  ...['apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'e2scrub_all.timer', 'e2scrub_reap.service', 'fstrim.timer', 'systemd-timesyncd.service'],
]

/** Kernel and packages of a server, as a folder. */
export async function guestRoot(): Promise<string> {
  return await once(join(folders.roots, `guest-${keyOf(versions.suite, packages, configuration, initramfs, silenced)}`), async (root) => {
    await debootstrap(root)
    await install(root, packages)
    for (const [path, text] of Object.entries(initramfs))
      await writeFile(join(root, path), text)
    await install(root, ['linux-image-cloud-amd64'])
    for (const [path, text] of Object.entries(configuration)) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
    }
    for (const unit of silenced)
      await symlink('/dev/null', join(root, 'etc/systemd/system', unit))
    // Every server has keys of its own.
    for (const kind of ['rsa', 'ecdsa', 'ed25519'])
      await rm(join(root, `etc/ssh/ssh_host_${kind}_key`), { force: true })
    await mkdir(join(root, 'etc/cni/net.d'), { recursive: true })
    await slim(root)
  })
}

/** Version of the kernel in it. */
export async function kernelOf(root: string): Promise<string> {
  const text = await readFile(join(root, 'var/lib/dpkg/info/linux-image-cloud-amd64.list'), 'utf8').catch(() => '')
  if (text === '')
    throw new Error(`${root} holds no kernel`)
  const depends = await readFile(join(root, 'var/lib/dpkg/status'), 'utf8')
  return /^Package: linux-image-(\d\S+)$/m.exec(depends)![1]! // the one package that the other stands for
}
