import type { ChangeInput, WindowInput } from '../../changes.ts'
import type { Context } from '../../context.ts'
import type { View } from '../../output/view.ts'
import { applyOf, changeParameters, finish, hintScheduled, isPlan, planView, windowParameters } from '../../changes.ts'
import { defineCommand } from '../../command.ts'
import { databaseName, pairsOf, remainingArguments } from '../../input/parameters.ts'
import { pairsText } from '../../output/format.ts'
import { textView } from '../../output/view.ts'

export const set = defineCommand({
  summary: 'Set PostgreSQL parameters',
  description: 'Values are written as PostgreSQL writes them. --dry-run tells whether a restart is needed.',
  examples: ['howdah parameter set orders work_mem=64MB random_page_cost=1.1', 'howdah parameter set orders max_connections=200 --dry-run', 'howdah parameter set orders max_connections=200 --in-window'],
  parameters: {
    name: databaseName,
    settings: { ...remainingArguments('NAME=VALUE', 'parameters and their values', { required: true }), field: '/parameters' },
    ...windowParameters,
    ...changeParameters,
  },
  async run(context, { name, settings, ...input }) {
    return await change(context, name, pairsOf(settings), input)
  },
})

export const reset = defineCommand({
  summary: 'Put PostgreSQL parameters back to their defaults',
  examples: ['howdah parameter reset orders work_mem'],
  parameters: {
    name: databaseName,
    names: { ...remainingArguments('PARAMETER', 'names of parameters', { required: true }), field: '/parameters' },
    ...windowParameters,
    ...changeParameters,
  },
  async run(context, { name, names, ...input }) {
    return await change(context, name, Object.fromEntries(names.map(parameter => [parameter, null])), input)
  },
})

async function change(context: Context, name: string, parameters: Record<string, string | null>, input: ChangeInput & WindowInput): Promise<View> {
  const client = await context.client()
  const answer = await client.databases.update(name, { parameters }, { dryRun: input.dryRun ?? false, ...applyOf(input), signal: context.terminal.signal })
  if (isPlan(answer))
    return planView(answer)
  if (input.inWindow) {
    await hintScheduled(context, answer)
    return textView(answer, `Set in ${name} until then: ${pairsText(answer.parameters) || 'nothing, all defaults'}.`)
  }
  const isDone = await finish(context, answer.operation, input)
  const database = isDone ? await client.databases.get(name) : answer
  if (database.pendingRestart.length > 0)
    context.hint(`${database.pendingRestart.join(', ')} waits for a restart: howdah db restart ${name}`)
  return textView(database, `Set in ${name}: ${pairsText(database.parameters) || 'nothing, all defaults'}.`)
}
