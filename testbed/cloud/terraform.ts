import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { command } from '../../tools/command.ts'
import { exists } from '../../tools/exists.ts'
import { openstackMirror, terraform as terraformPath } from '../../tools/needs/terraform.ts'
import { root } from '../../tools/root.ts'
import { openrc } from './account.ts'
import { folders } from './folders.ts'
import { external, images } from './layout.ts'
import { commandOnNetwork, loggedOnNetwork } from './machine.ts'

const copy = join(folders.terraform, 'root')
/** Of the administrator of the nodes. */
export const privateKey = join(folders.state, 'id_ed25519')

/** Terraform on a copy of infra/openstack/terraform: its lock file names checksums of a provider that was built here. Every other exit code than `good` is an error. */
export async function terraform([name, ...options]: readonly [string, ...string[]], good: readonly number[] = [0]): Promise<{ readonly code: number, readonly output: string }> {
  return await loggedOnNetwork(`terraform-${name}`, [await terraformPath(), name, '-no-color', ...options], { cwd: copy, env: await environment(), good })
}

/** The root's output of that name, as JSON. */
export async function terraformOutput(name: string): Promise<string> {
  return await commandOnNetwork([await terraformPath(), 'output', '-json', name], { cwd: copy, env: await environment() })
}

/** A fresh copy with the variables of this cloud. */
export async function prepareTerraform({ workers }: { readonly workers: number }): Promise<void> {
  await mkdir(folders.terraform, { recursive: true })
  if (!await exists(privateKey))
    await command('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'howdah', '-f', privateKey])
  await cp(join(root, 'infra/openstack/terraform'), copy, { recursive: true, filter: path => !/\/(?:\.terraform(?:\.lock\.hcl)?|.*\.tfstate.*)$/.test(path) })
  await writeFile(join(copy, 'bed.auto.tfvars.json'), JSON.stringify({
    external_network: external.name,
    image: images.node.name,
    user: images.node.user,
    public_key: await command('cat', [`${privateKey}.pub`]),
    admin_cidrs: [external.cidr],
    control_plane: { flavor: 'm1.medium' },
    workers: { flavor: 'm1.medium', count: workers },
  }))
  await terraform(['init', '-input=false'])
}

async function environment(): Promise<Record<string, string>> {
  return {
    ...await openrc('demo'),
    TF_CLI_CONFIG_FILE: await openstackMirror(),
    TF_DATA_DIR: join(folders.terraform, 'data'),
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    CHECKPOINT_DISABLE: '1',
  }
}
