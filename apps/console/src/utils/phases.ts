import type { Operation, Phase } from '@howdah/sdk'

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'quiet'

export const phaseTones: Readonly<Record<Phase, Tone>> = {
  'provisioning': 'busy',
  'ready': 'good',
  'updating': 'busy',
  'restarting': 'busy',
  'switching-over': 'busy',
  'restoring': 'busy',
  'upgrading': 'busy',
  'hibernating': 'busy',
  'hibernated': 'quiet',
  'resuming': 'busy',
  'degraded': 'warn',
  'failed': 'bad',
  'deleting': 'busy',
}

/** What a phase means to somebody who wants to use the database. */
export const phaseSentences: Readonly<Record<Phase, string>> = {
  'provisioning': 'It is being made.',
  'ready': 'It answers logins at its address.',
  'updating': 'A change is being made.',
  'restarting': 'PostgreSQL restarts; connections are cut once.',
  'switching-over': 'Another instance becomes the primary.',
  'restoring': 'Its data is being restored.',
  'upgrading': 'It moves to a newer PostgreSQL.',
  'hibernating': 'It is being stopped; its data stays.',
  'hibernated': 'It is stopped and keeps its data. Resume it to connect.',
  'resuming': 'It is being started again.',
  'degraded': 'It answers, but something is not as asked.',
  'failed': 'It does not answer.',
  'deleting': 'It and its data are being deleted.',
}

export const operationTones: Readonly<Record<Operation['phase'], Tone>> = {
  scheduled: 'quiet',
  pending: 'quiet',
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'warn',
}

export const phases = Object.keys(phaseTones) as readonly Phase[] // The record above has every phase as a key.
