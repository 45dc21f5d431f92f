import type { Steps } from './steps.ts'
import { possessions } from './api.ts'
import { terraform } from './terraform.ts'

/** Away with what `apply` made; the APIs are asked whether it is all gone. */
export async function destroy({ step }: Pick<Steps, 'step'>): Promise<void> {
  await step('terraform destroy', async () => await terraform(['destroy', '-auto-approve']))
  await step('nothing is left', async () => {
    const left = await possessions('demo')
    if (left.length > 0)
      throw new Error(`Left behind:\n${left.join('\n')}`)
  })
}
