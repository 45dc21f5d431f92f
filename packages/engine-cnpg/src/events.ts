import type { ServiceEvent } from '@howdah/engine'
import type { Failover } from './loss.ts'
import type { ClusterView } from './views.ts'
import { isArchivingFailing } from './phase.ts'

export type Happening = Pick<ServiceEvent, 'type' | 'severity' | 'message' | 'details'>

/** What a change of a Cluster means to the owner of the database. Beginnings are not told here: the phase says them. */
export function happeningsOf(before: ClusterView, after: ClusterView): Happening[] {
  return [...primaryChange(before, after), ...imageChange(before, after), ...archiveChange(before, after), ...renewals(before, after)]
}

/** The operator's words while it moves the primary on purpose: to switch over, to restart, or to change the size. */
const planned = /switchover|upgrad|restarted/i

function primaryChange(before: ClusterView, after: ClusterView): Happening[] {
  const { currentPrimary: from } = before
  const { currentPrimary: to } = after
  if (from === '' || to === '' || from === to)
    return []
  const details = { from, to }
  return planned.test(before.phase) || planned.test(after.phase)
    ? [{ type: 'switchover', severity: 'info', message: `${to} is the primary now, as asked; it was ${from}.`, details }]
    : [failover(after, details)]
}

/** With `async`, what is lost is known when the old primary is back (loss.ts). */
function failover({ isOurs, state }: ClusterView, { from, to }: Failover): Happening {
  const isSync = state.spec?.durability === 'sync'
  return {
    type: 'failover',
    severity: 'warning',
    message: `${to} is the primary now, because ${from} was lost. ${isSync
      ? 'Nothing that was acknowledged is lost.'
      : `What ${from} had written last may be lost${isOurs ? ': how much is told when it is back' : ''}.`}`,
    details: { from, to, lostBytes: isSync ? 0 : null },
  }
}

/** A minor upgrade, whoever asked for it: the operator replaces the servers, the primary last. */
function imageChange({ image: from }: ClusterView, { image: to }: ClusterView): Happening[] {
  return from === '' || to === '' || from === to
    ? []
    : [{ type: 'image.changed', severity: 'info', message: `Its servers are replaced by servers of ${to}; they were of ${from}.`, details: { from, to } }]
}

function archiveChange(before: ClusterView, after: ClusterView): Happening[] {
  const isStuck = isArchivingFailing(after)
  if (isArchivingFailing(before) === isStuck)
    return []
  return isStuck
    ? [{ type: 'archive.stuck', severity: 'error', message: 'The archive does not take WAL. It is kept on the volume, and tried again.', details: {} }]
    : [{ type: 'archive.resumed', severity: 'info', message: 'The archive takes WAL again.', details: {} }]
}

/** Users hold a copy of the authority: they are told when it is another one. */
function renewals(before: ClusterView, after: ClusterView): Happening[] {
  return Object.entries(after.certificates).flatMap(([secret, expires]) => {
    if (before.certificates[secret] === undefined || before.certificates[secret] === expires)
      return []
    const isAuthority = secret === `${after.name}-ca`
    return [{
      type: 'certificate.renewed',
      severity: isAuthority ? 'warning' as const : 'info' as const,
      message: isAuthority
        ? 'The authority of the server\'s certificate was renewed: clients that verify it need its new certificate, which the connection has.'
        : `The certificate ${secret} was renewed.`,
      details: { certificate: secret, expires },
    }]
  })
}
