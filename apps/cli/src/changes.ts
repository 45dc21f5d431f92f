import type { Database, Operation, Plan } from '@howdah/sdk'
import type { Input } from './command.ts'
import type { Context } from './context.ts'
import type { View } from './output/view.ts'
import { flag, option } from './input/parameters.ts'
import { duration } from './input/values.ts'
import { time } from './output/format.ts'
import { showProgress } from './progress.ts'

/** Options of every command that changes a database or what is in it. */
export const changeParameters = {
  wait: flag('--wait', 'show the steps and wait until it is done (default)'),
  noWait: flag('--no-wait', 'begin it, and do not wait'),
  timeout: option('--timeout <duration>', 'most time to wait (default: 10m)', duration),
  dryRun: flag('--dry-run', 'say what it would do, and do nothing'),
}
export type ChangeInput = Input<typeof changeParameters>

/** Of changes that need not be made at once. */
export const windowParameters = {
  inWindow: flag('--in-window', 'let it wait for the maintenance window of the database'),
}
export type WindowInput = Input<typeof windowParameters>

export function applyOf({ inWindow }: WindowInput): { readonly apply?: 'maintenance-window' } {
  return inWindow ? { apply: 'maintenance-window' } : {}
}

/** Say when it will be made, and how to think better of it. */
export async function hintScheduled(context: Context, { scheduledOperation }: Database): Promise<void> {
  const waiting = scheduledOperation === null ? undefined : await (await context.client()).operations.get(scheduledOperation)
  context.hint(waiting?.notBefore
    ? `It is made at ${time(waiting.notBefore)} at the earliest. Cancel it with: howdah operation cancel ${waiting.id}`
    : 'There is nothing to change.')
}

/** Wait for an operation with its steps shown; with `--no-wait`, say how to. Undefined: nothing had to be done. */
export async function finish(context: Context, operation: string | null, input: ChangeInput): Promise<Operation | undefined> {
  if (operation === null)
    return undefined
  if (input.wait === false) {
    context.hint(`Begun. Wait for it with: howdah operation wait ${operation}`)
    return undefined
  }
  return await waitShown(context, operation, input.timeout)
}

export async function waitShown(context: Context, operation: string, timeoutMs: number | undefined): Promise<Operation> {
  const { terminal } = context
  const client = await context.client()
  const progress = showProgress(terminal)
  try {
    return await client.operations.wait(operation, {
      onProgress: progress.show,
      signal: terminal.signal,
      ...(timeoutMs === undefined ? {} : { deadlineMs: timeoutMs }),
    })
  }
  finally {
    progress.end()
    if (terminal.signal.aborted)
      context.hint(`It goes on. Stop it with: howdah operation cancel ${operation}`)
  }
}

export function isPlan(answer: object): answer is Plan {
  return 'dryRun' in answer
}

/** What a change would do. */
export function planView(plan: Plan): View {
  const interruptions = {
    none: 'Clients notice nothing.',
    reload: 'The server reloads its settings; clients notice nothing.',
    restart: 'The server restarts: client connections are cut once.',
  }
  return {
    data: plan,
    text: ({ paint }) => plan.operation === null
      ? 'Nothing would change.\n'
      : [
          `Would run ${paint('bold', plan.operation)}:`,
          ...plan.steps.map(step => `  ${step}`),
          paint(plan.interruption === 'restart' ? 'yellow' : undefined, interruptions[plan.interruption]),
          ...plan.reasons.map(reason => `  ${reason}`),
          ...plan.notBefore === undefined ? [] : [`Not before ${time(plan.notBefore)}.`],
          '',
        ].join('\n'),
  }
}
