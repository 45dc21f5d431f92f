import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { cache } from './cache.ts'
import { findProgram } from './find-program.ts'
import { goProgram } from './go-program.ts'
import { Missing } from './missing.ts'

/** Path of Terraform, or of OpenTofu where that is what there is. */
export async function terraform(): Promise<string> {
  const path = await findProgram('terraform') ?? await findProgram('tofu')
  if (!path)
    throw new Missing('Terraform 1.11 or OpenTofu 1.11 is missing; install it from https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install')
  return path
}

/** OpenTofu, built from its module where it is not installed. */
export async function openTofu(): Promise<string> {
  return await findProgram('tofu') ?? await goProgram({
    name: 'tofu',
    module: 'github.com/opentofu/opentofu',
    version: '1.12.6',
    package: 'cmd/tofu',
    replacements: ['github.com/hashicorp/hcl/v2 v2.20.1 => github.com/opentofu/hcl/v2 v2.20.2-0.20251021132045-587d123c2828'],
    variables: { 'github.com/opentofu/opentofu/version.dev': 'no' },
  })
}

const lowestOpenstack = { address: 'terraform-provider-openstack/openstack', module: 'github.com/terraform-provider-openstack/terraform-provider-openstack', version: '1.54.1' } as const

/** Built from their modules, and no registry is asked: the lowest versions that our roots admit, and the newest that can be had. */
const providers = {
  openstack: [lowestOpenstack],
  lowest: [
    lowestOpenstack,
    { address: 'stackitcloud/stackit', module: 'github.com/stackitcloud/terraform-provider-stackit', version: '0.75.0' },
  ],
  newest: [
    { address: 'terraform-provider-openstack/openstack', module: 'github.com/terraform-provider-openstack/terraform-provider-openstack/v3', version: '3.4.0' },
    { address: 'stackitcloud/stackit', module: 'github.com/stackitcloud/terraform-provider-stackit', version: '0.75.0' },
  ],
} as const

/** Path of a CLI configuration that takes the lowest providers from a folder of ours. */
export async function providerMirror(): Promise<string> {
  return await mirror('lowest')
}

/** The same with the one for OpenStack alone: it takes minutes to build each of them. */
export async function openstackMirror(): Promise<string> {
  return await mirror('openstack')
}

/** The same with the newest ones. */
export async function newestProviders(): Promise<string> {
  return await mirror('newest')
}

async function mirror(which: keyof typeof providers): Promise<string> {
  const folder = join(cache, 'terraform', which)
  const platform = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`
  for (const { address, module, version } of providers[which]) {
    const name = `terraform-provider-${address.split('/')[1]}`
    const program = await goProgram({ name, module, version })
    // Each of the two asks its own registry, of which a mirror is a folder.
    for (const registry of ['registry.terraform.io', 'registry.opentofu.org']) {
      const place = join(folder, 'mirror', registry, address, version, platform)
      await mkdir(place, { recursive: true })
      await rm(join(place, `${name}_v${version}`), { force: true })
      await symlink(program, join(place, `${name}_v${version}`))
    }
  }
  const file = join(folder, 'mirror.tfrc')
  await writeFile(file, `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(join(folder, 'mirror'))}\n  }\n}\n`)
  return file
}
