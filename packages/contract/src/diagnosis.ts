import type { Static } from 'typebox'
import { Type } from 'typebox'
import { closed, nullable, oneOf, Timestamp } from './common.ts'

/** What a connection goes through, in this order; what comes after a failure is skipped. */
export const diagnosisSteps = [
  'name-resolution',
  'tcp',
  'tls',
  'certificate',
  'authentication',
  'database',
  'query',
] as const
export type DiagnosisStepName = typeof diagnosisSteps[number]

export const DiagnoseQuery = closed({
  role: Type.Optional(Type.String({ maxLength: 63, description: 'User of the database. Default: its owner' })),
  db: Type.Optional(Type.String({ maxLength: 63, description: 'Logical database. Default: the first one' })),
})

export const DiagnosisStep = closed({
  name: oneOf(diagnosisSteps),
  outcome: oneOf(['ok', 'failed', 'skipped']),
  durationMs: nullable(Type.Number()),
  detail: Type.String({ description: 'What was seen; empty where it was skipped' }),
  nextStep: Type.String({ description: 'What to do about a failure; empty otherwise' }),
}, { title: 'DiagnosisStep' })
export type DiagnosisStep = Static<typeof DiagnosisStep>

export const Diagnosis = closed({
  ok: Type.Boolean(),
  at: Timestamp,
  host: Type.String(),
  port: Type.Integer(),
  user: Type.String(),
  database: Type.String(),
  steps: Type.Array(DiagnosisStep),
}, { title: 'Diagnosis', description: 'How a connection went, step by step, from where the control plane runs' })
export type Diagnosis = Static<typeof Diagnosis>
