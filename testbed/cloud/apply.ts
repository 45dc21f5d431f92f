import type { Steps } from './steps.ts'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { folders } from './folders.ts'
import { prepareTerraform, terraform, terraformOutput } from './terraform.ts'

export const inventory = join(folders.kubernetes, 'inventory.yml')

/** infra/openstack/terraform on the cloud: one control plane node, and workers. */
export async function apply({ step }: Pick<Steps, 'step'>, workers = 1): Promise<void> {
  await step('terraform init', async () => await prepareTerraform({ workers }))
  await step('terraform apply', async () => await terraform(['apply', '-auto-approve']))
  await step('second plan is empty', async () => await terraform(['plan', '-detailed-exitcode']))
  await mkdir(folders.kubernetes, { recursive: true })
  await writeFile(inventory, JSON.parse(await terraformOutput('inventory')) as string) // YAML, for Ansible
}
