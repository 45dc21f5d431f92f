import { waitShown } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { argument, option } from '../../input/parameters.ts'
import { duration } from '../../input/values.ts'
import { operationDetails } from '../../views/operation.ts'

export const wait = defineCommand({
  summary: 'Wait until an operation has ended',
  examples: ['howdah operation wait 0190c3a5-5c1e-7000-8000-1f2e3d4c5b6a --timeout 5m'],
  parameters: {
    id: argument('ID', 'id of the operation'),
    timeout: option('--timeout <duration>', 'most time to wait (default: 10m)', duration),
  },
  async run(context, { id, timeout }) {
    return operationDetails(await waitShown(context, id, timeout))
  },
})
