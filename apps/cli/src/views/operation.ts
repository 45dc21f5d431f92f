import type { Operation } from '@howdah/sdk'
import type { View } from '../output/view.ts'
import { age, elapsed, time } from '../output/format.ts'
import { colourOf } from '../output/paint.ts'
import { table } from '../output/table.ts'
import { detailView, listView } from '../output/view.ts'

export function operationList(operations: readonly Operation[]): View {
  return listView(operations, ({ now }) => [
    { title: 'ID', value: ({ id }) => id },
    { title: 'TYPE', value: ({ type }) => type },
    { title: 'DATABASE', value: ({ database, target }) => target ? `${database}/${target}` : database, narrowest: 8 },
    { title: 'PHASE', value: ({ phase }) => phase, colour: ({ phase }) => colourOf(phase) },
    { title: 'DONE', value: ({ progressPercent }) => `${progressPercent} %`, align: 'right', dispensable: 1 },
    { title: 'TIME', value: operation => took(operation, now), align: 'right', dispensable: 2 },
    { title: 'AGE', value: ({ createdAt }) => age(createdAt, now), align: 'right', dispensable: 3 },
    { title: 'MESSAGE', value: ({ error, message }) => error?.message ?? message, narrowest: 12, dispensable: 4 },
  ], 'There is no operation.')
}

export function operationDetails(operation: Operation): View {
  const { data, text } = detailView(operation, ({ now }) => [
    ['Id', operation.id],
    ['Type', operation.type],
    ['Database', operation.database],
    ['Target', operation.target],
    ['Phase', operation.phase, colourOf(operation.phase)],
    ['Waits for', operation.finishedAt === null ? operation.message : ''],
    ['Not before', operation.phase === 'scheduled' && operation.notBefore ? time(operation.notBefore) : '', 'yellow'],
    ['Changes', operation.update ? JSON.stringify(operation.update) : ''],
    ['Error', operation.error ? `${operation.error.reason}: ${operation.error.message}` : '', 'red'],
    ['Next', operation.error?.nextStep ?? ''],
    ['Asked by', operation.requestedBy],
    ['Asked at', time(operation.createdAt)],
    ['Time', took(operation, now)],
    ['Cancellable', operation.cancellable ? `yes: howdah operation cancel ${operation.id}` : ''],
  ])
  return {
    data,
    text: style => [
      text(style),
      table(operation.steps, [
        { title: 'STEP', value: ({ name }) => name },
        { title: 'PHASE', value: ({ phase }) => phase, colour: ({ phase }) => colourOf(phase) },
        { title: 'TIME', value: ({ startedAt, finishedAt }) => between(startedAt, finishedAt, style.now), align: 'right' },
      ], style.paint, style.width),
    ].join('\n'),
  }
}

function took({ startedAt, finishedAt }: Operation, now: number): string {
  return between(startedAt, finishedAt, now)
}

function between(from: string | null, to: string | null, now: number): string {
  return from === null ? '' : elapsed(Math.max(0, (to === null ? now : Date.parse(to)) - Date.parse(from)))
}
