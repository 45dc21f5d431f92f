import { applyOf, changeParameters, finish, hintScheduled, isPlan, planView, windowParameters } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { databaseName, flag, list } from '../../input/parameters.ts'
import { UsageError } from '../../usage-error.ts'
import { databaseDetails } from '../../views/database.ts'
import { updateRead } from './read-modify-write.ts'
import { backupPolicy, maintenanceWindow, networks, specParameters } from './spec-parameters.ts'

export const update = defineCommand({
  summary: 'Change a database',
  description: 'Only what is named changes. Parameters and labels are merged; extensions and networks are replaced.',
  examples: [
    'howdah db update orders --storage 100GiB',
    'howdah db update orders --param work_mem=64MB --unset-param random_page_cost',
    'howdah db update orders --memory 8GiB --dry-run',
    'howdah db update orders --param max_connections=200 --in-window',
    'howdah db update orders --no-protect',
  ],
  parameters: {
    name: databaseName,
    ...specParameters,
    unsetParam: list('--unset-param <name>', 'parameter that goes back to its default; may be repeated', { field: '/parameters' }),
    unsetLabel: list('--unset-label <key>', 'label to take away; may be repeated', { field: '/labels' }),
    noProtect: flag('--no-protect', 'allow to delete it again', { field: '/deletionProtection' }),
    ...windowParameters,
    ...changeParameters,
  },
  async run(context, input) {
    const client = await context.client()
    const parameters = { ...input.param, ...Object.fromEntries(input.unsetParam?.map(name => [name, null]) ?? []) }
    const fields = given({
      storageGib: input.storage,
      memoryMib: input.memory,
      cpu: input.cpu,
      instances: input.instances,
      durability: input.durability,
      parameters: Object.keys(parameters).length > 0 ? parameters : undefined,
      extensions: input.extension && [...input.extension],
      allowedCidrs: networks(input.allowCidr),
      backup: backupPolicy(input),
      maintenanceWindow: maintenanceWindow(input),
      deletionProtection: input.protect,
    })
    const hasLabels = input.label !== undefined || input.unsetLabel !== undefined
    if (Object.keys(fields).length === 0 && !hasLabels)
      throw new UsageError('There is nothing to change')

    const options = { dryRun: input.dryRun ?? false, ...applyOf(input), signal: context.terminal.signal }
    const answer = hasLabels
      ? await updateRead(client, input.name, ({ labels }) => ({ ...fields, labels: without({ ...labels, ...input.label }, input.unsetLabel ?? []) }), options)
      : await client.databases.update(input.name, fields, options)
    if (isPlan(answer))
      return planView(answer)
    if (input.inWindow)
      await hintScheduled(context, answer)
    const isDone = !input.inWindow && await finish(context, answer.operation, input)
    return databaseDetails(isDone ? await client.databases.get(input.name) : answer)
  },
})

function without(labels: Readonly<Record<string, string>>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !keys.includes(key)))
}
