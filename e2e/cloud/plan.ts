import { join } from 'node:path'
import { folders } from '../../testbed/cloud/folders.ts'
import { terraform } from '../../testbed/cloud/terraform.ts'

interface Plan {
  readonly resource_changes?: readonly { readonly address: string, readonly mode: string, readonly change: { readonly actions: readonly string[] } }[]
}

/** What `terraform plan` would do, as `action address`. Outputs are not looked at: a provider may name the same thing anew. */
export async function plannedChanges(...options: string[]): Promise<string[]> {
  const file = join(folders.terraform, 'plan')
  const { code } = await terraform(['plan', '-detailed-exitcode', `-out=${file}`, ...options], [0, 2])
  const { output } = await terraform(['show', '-json', file])
  const { resource_changes = [] } = JSON.parse(output) as Plan // Terraform's documented format
  const changes = resource_changes.filter(({ mode, change }) => mode === 'managed' && change.actions.join() !== 'no-op').map(({ address, change }) => `${change.actions.join('+')} ${address}`)
  if ((code === 2) !== (changes.length > 0))
    throw new Error(`the plan's exit code is ${code}, and its changes are ${changes.join(', ') || 'none'}`)
  return changes
}
