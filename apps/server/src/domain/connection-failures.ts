import type { DiagnosisStepName } from '@howdah/contract'
import type { Patient } from './connection-doctor.ts'

interface Explanation { readonly detail: string, readonly nextStep: string }

const lookAtLog = 'Look at the events and the server log of the database.'

const explanations: Readonly<Record<DiagnosisStepName, (code: string, message: string, patient: Patient) => Explanation>> = {
  'name-resolution': (code, _, { host }) => ({
    detail: `The name ${host} is not known where the control plane runs (${code}).`,
    nextStep: 'Add the name to DNS or to the hosts file, or give the location another host.',
  }),
  'tcp': (code, message, { host, port, isHibernated }) => {
    if (isHibernated)
      return { detail: `Nothing listens on ${host}:${port}: the database is hibernated.`, nextStep: 'Resume it.' }
    if (code === 'ECONNREFUSED')
      return { detail: `Nothing listens on ${host}:${port}.`, nextStep: `The server does not run or is starting. ${lookAtLog}` }
    return { detail: `${host}:${port} cannot be reached: ${message}.`, nextStep: 'Look for a firewall or a route between the control plane and the database.' }
  },
  'tls': (code, message, { host, port }) => ({
    detail: `No TLS with ${host}:${port}: ${message}.`,
    nextStep: code === 'NO_TLS' ? 'Something else listens on this port, or stands in between. Look for a proxy or another program.' : lookAtLog,
  }),
  'certificate': (code, _, { host }) => {
    if (code === 'CERT_HAS_EXPIRED')
      return { detail: 'The certificate of the server has expired.', nextStep: 'Restart the database: it gets a new one.' }
    if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
      return { detail: `The certificate of the server is not made for ${host}.`, nextStep: 'Connect by the address that the database says, or look for a proxy in between.' }
    return { detail: `The certificate of the server is not one of this installation (${code}).`, nextStep: 'Something else may stand between here and the database. Do not send it a password.' }
  },
  'authentication': (code, message, { user }) => {
    if (code === '28P01')
      return { detail: `The password that is kept for ${user} is not accepted.`, nextStep: `Somebody changed it in SQL. Reset the password of ${user}.` }
    if (code === '28000' && message.includes('pg_hba'))
      return { detail: 'The database does not allow the network that the control plane connects from.', nextStep: 'Add the network to those that may connect.' }
    if (code === '53300')
      return fullOf(message)
    return { detail: saidBy(message), nextStep: code === '28000' ? `Look whether ${user} is still there and may log in.` : lookAtLog }
  },
  'database': (code, message, { user, database }) => {
    if (code === '3D000')
      return { detail: `There is no logical database ${database}.`, nextStep: 'Somebody dropped or renamed it in SQL. Look at the list of logical databases.' }
    if (code === '42501')
      return { detail: `${user} may not connect to ${database}.`, nextStep: `Grant it in SQL: GRANT CONNECT ON DATABASE "${database}" TO "${user}".` }
    if (code === '53300')
      return fullOf(message)
    return { detail: saidBy(message), nextStep: lookAtLog }
  },
  'query': (_, message) => ({ detail: saidBy(message), nextStep: lookAtLog }),
}

/** What a failed step means and what to do about it. Pure. */
export function explainFailure(step: DiagnosisStepName, error: unknown, patient: Patient): Explanation {
  const { code = '', message = String(error) } = (error ?? {}) as { code?: unknown, message?: string }
  return explanations[step](String(code), message, patient)
}

function fullOf(message: string): Explanation {
  return { detail: saidBy(message), nextStep: 'End connections that are not needed, use a pool in the program, or raise max_connections or the limit of the user.' }
}

function saidBy(message: string): string {
  return `The server says: ${message}.`
}
