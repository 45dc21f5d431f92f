import { defineCommand } from '../../command.ts'
import { argument } from '../../input/parameters.ts'
import { operationDetails } from '../../views/operation.ts'

export const cancel = defineCommand({
  summary: 'Cancel an operation',
  description: 'One that waits ends at once; one that runs ends after its present step, where it can.',
  examples: ['howdah operation cancel 0190c3a5-5c1e-7000-8000-1f2e3d4c5b6a'],
  parameters: { id: argument('ID', 'id of the operation') },
  async run(context, { id }) {
    return operationDetails(await (await context.client()).operations.cancel(id, { signal: context.terminal.signal }))
  },
})
