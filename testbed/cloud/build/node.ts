import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { command } from '../../../tools/command.ts'
import { prepareDebian } from '../../cluster/build/debian.ts'
import { images as containerImages, pauseImage, toolboxImage } from '../../cluster/build/images.ts'
import { layerBlob } from '../../cluster/build/layer.ts'
import { writeLayout } from '../../cluster/build/layout.ts'
import { folders } from '../folders.ts'
import { writeDisk } from './disk.ts'
import { guestRoot, kernelOf } from './guest.ts'
import { keyOf, once } from './once.ts'
import { nodePrograms, programsIn } from './programs.ts'

/** What pods run from. There is no registry, so every node's image store begins with them. */
const always = [pauseImage, toolboxImage]

/** Beside what guest.ts says: what spares an emulated processor the most. */
const configuration: Readonly<Record<string, string>> = {
  // Of cloud-init's forty modules those that do something on a node.
  'etc/cloud/cloud.cfg.d/91-nodes.cfg': `datasource_list: [OpenStack]
cloud_init_modules: [growpart, resizefs, set_hostname, update_etc_hosts, users-groups, ssh, set-passwords]
cloud_config_modules: []
cloud_final_modules: []
`,
  // Programs in Go rather take memory than collect it while they start, and what waits for them is patient.
  'etc/systemd/system.conf.d/nodes.conf': '[Manager]\nDefaultEnvironment=GOGC=400\nDefaultTimeoutStartSec=300\n',
}

/** systemd asks them for units at every start and whenever it reads units again; what they would find is not there. */
const generators = ['cryptsetup', 'debug', 'getty', 'gpt-auto', 'hibernate-resume', 'integritysetup', 'rc-local', 'run', 'system-update', 'sysv', 'veritysetup']

const links = [
  ...generators.map(name => ['/dev/null', `etc/systemd/system-generators/systemd-${name}-generator`] as const),
  // Whether cloud-init is wanted is no question either.
  ['/dev/null', 'etc/systemd/system-generators/cloud-init-generator'],
  ['/lib/systemd/system/cloud-init.target', 'etc/systemd/system/multi-user.target.wants/cloud-init.target'],
  // Its third stage starts Python for nothing.
  ['/dev/null', 'etc/systemd/system/cloud-config.service'],
] as const

/** With the list of sums that infra/kubernetes writes too: what is on it is not read again. */
const programsScript = `
install -m 755 "$0"/* "$1/usr/local/bin/"
cd "$1/usr/local/bin"
b2sum * >../share/kubernetes-programs.b2sum
`

/**
 * containerd of the root itself, long enough to unpack images into the store that the node will find. On this machine's
 * processor that takes seconds, on an emulated one minutes. It has mounts and processes of its own, which end with it.
 */
const importScript = `
cd "$0"
for path in proc dev sys; do mount --rbind "/$path" "$path"; done
mount -t tmpfs tmpfs run
mount --bind "$1" mnt
exec chroot . sh -euc '
  containerd --log-level error & containerd=$!
  for _ in $(seq 100); do ctr version >/dev/null 2>&1 && break; sleep 0.1; done
  tar --create --directory /mnt . | ctr --namespace k8s.io images import - >/dev/null
  kill $containerd
  wait $containerd || true
'
`

/** A disk with Debian, cloud-init, Kubernetes' programs, and containers' images unpacked: those that every node has, and more. */
export async function nodeImage(...more: readonly string[]): Promise<string> {
  const chosen = containerImages.filter(({ reference }) => [...always, ...more].includes(reference))
  const [guest, programs] = [await guestRoot(), await nodePrograms()]
  return await once(join(folders.images, `node-${keyOf(guest, await programsIn(programs), chosen, configuration, links, programsScript, importScript)}.qcow2`), async (draft) => {
    await prepareDebian()
    const work = await mkdtemp(join(folders.images, 'node-'))
    try {
      const root = join(work, 'root')
      await command('cp', ['--archive', guest, root])
      for (const [path, text] of Object.entries(configuration))
        await put(join(root, path), async file => await writeFile(file, text))
      for (const [target, path] of links)
        await put(join(root, path), async file => await symlink(target, file))
      await command('sh', ['-euc', programsScript, programs, root])
      const layout = join(work, 'layout')
      await writeLayout(layout, await Promise.all(chosen.map(async image => ({ ...image, blobs: await Promise.all(image.layers.map(layerBlob)) }))))
      await command('unshare', ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-euc', importScript, root, layout])
      const kernel = await kernelOf(guest)
      await writeDisk(draft, {
        kernel: join(root, 'boot', `vmlinuz-${kernel}`),
        initrd: join(root, 'boot', `initrd.img-${kernel}`),
        parameters: 'root=LABEL=root ro console=ttyS0 net.ifnames=0 quiet mitigations=off no_timer_check tsc=reliable panic=10',
        root: { folder: root, sizeMib: 3500 },
      })
    }
    finally {
      await rm(work, { recursive: true })
    }
  })
}

async function put(path: string, write: (path: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await write(path)
}
