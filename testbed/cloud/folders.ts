import { join } from 'node:path'
import { folders as testbed } from '../cluster/folders.ts'

const cache = join(testbed.cache, 'cloud')
const state = join(cache, 'state')

/** Everything the cloud is built of and runs on, outside the tree. All but `state` may be deleted while it is down, and is built again. */
export const folders = {
  cache,
  /** Debian with OpenStack's packages, as installed: every cloud begins with it and writes beside it. */
  roots: join(cache, 'roots'),
  /** Disks that servers start from. */
  images: join(cache, 'images'),
  /** What is handed to Ansible: programs under their own names. */
  programs: join(cache, 'programs'),
  /** The running cloud: removed by `down`. */
  state,
  logs: join(state, 'log'),
  /** A copy of infra/openstack/terraform, and what Terraform leaves beside it. */
  terraform: join(state, 'terraform'),
  /** Inventory, certificates and kubeconfig of the cluster on the cloud. */
  kubernetes: join(state, 'kubernetes'),
} as const
