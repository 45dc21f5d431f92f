import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'

/** Everything the bed builds and runs on, outside the tree. All but `state` may be deleted while it is down, and is built again. */
const cache = resolve(process.env.HOWDAH_TESTBED ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'howdah-testbed'))
const state = join(cache, 'state')

export const folders = {
  cache,
  /** Programs built from Go modules, as NAME-VERSION. */
  programs: join(cache, 'programs'),
  /** Debian packages of the container runtime, unpacked and not installed: no service of theirs starts on this machine. */
  runtime: join(cache, 'runtime'),
  /** Container images as OCI archives. */
  images: join(cache, 'images'),
  /** containerd's folder with every image unpacked: what each node begins with. */
  store: join(cache, 'store'),
  /** The running cluster: removed by `down`. */
  state,
  logs: join(state, 'log'),
  certificates: join(state, 'certificates'),
  /** Volumes of class `csi` and snapshots of them, which every node sees. */
  volumes: join(state, 'volumes'),
} as const

/** The administrator's. */
export const kubeconfig = join(state, 'admin.conf')
