import type { Static } from 'typebox'
import { Type } from 'typebox'
import { closed, Cursor, Id, Limit, nullable, oneOf, page, Timestamp } from './common.ts'
import { DatabaseUpdate } from './databases.ts'
import { operationPhases, operationTypes } from './phases.ts'

export const OperationStep = closed({
  name: Type.String(),
  phase: oneOf(['pending', 'running', 'done', 'failed']),
  startedAt: nullable(Timestamp),
  finishedAt: nullable(Timestamp),
}, { title: 'OperationStep' })

export const OperationError = closed({
  reason: Type.String({ description: 'CamelCase word for programs' }),
  message: Type.String(),
  nextStep: Type.String({ description: 'What the reader can do' }),
}, { title: 'OperationError' })

export const Operation = closed({
  id: Id,
  type: oneOf(operationTypes),
  phase: oneOf(operationPhases),
  database: Type.String({ description: 'Name of the database' }),
  target: Type.String({ description: 'User, logical database or backup it is about; `all but volumes`: a delete that keeps them; empty: the database itself' }),
  step: nullable(Type.String({ description: 'The step that runs, or ran last' })),
  message: Type.String({ description: 'What it waits for now' }),
  steps: Type.Array(OperationStep),
  progressPercent: Type.Integer({ minimum: 0, maximum: 100 }),
  cancellable: Type.Boolean(),
  requestedBy: Type.String({ description: 'E-mail, API key name or `system`' }),
  error: nullable(OperationError),
  notBefore: nullable(Type.String({ format: 'date-time', description: 'It waits, or waited, for this moment' })),
  update: nullable(DatabaseUpdate),
  createdAt: Timestamp,
  startedAt: nullable(Timestamp),
  finishedAt: nullable(Timestamp),
}, { title: 'Operation', description: 'A durable piece of work' })
export type Operation = Static<typeof Operation>
export const OperationPage = page(Operation, 'OperationPage')

export const OperationListQuery = closed({
  database: Type.Optional(Type.String({ maxLength: 63 })),
  type: Type.Optional(oneOf(operationTypes)),
  phase: Type.Optional(Type.Array(oneOf(operationPhases), { maxItems: 6 })),
  cursor: Type.Optional(Cursor),
  limit: Type.Optional(Limit),
})
export const OperationParams = closed({
  id: Type.String({ maxLength: 63 }),
})
