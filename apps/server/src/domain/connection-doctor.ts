import type { DiagnosisStep, DiagnosisStepName } from '@howdah/contract'
import type { Socket } from 'node:net'
import { Buffer } from 'node:buffer'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { connect, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { diagnosisSteps } from '@howdah/contract'
import pg from 'pg'
import { explainFailure } from './connection-failures.ts'
import { within } from './deadline.ts'

export interface Patient {
  readonly host: string
  readonly port: number
  readonly caCertificate: string
  /** TLS begins with the first byte. */
  readonly isDirect?: boolean
  readonly user: string
  readonly password: string
  readonly database: string
  readonly isHibernated: boolean
}

/** A step that takes longer does not answer. */
const stepMs = 5000

/** `SSLRequest` of PostgreSQL's protocol: one byte answers, `S` for yes. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/** Thrown by the step that failed, once that is written down: what comes after it is skipped. */
class Failed extends Error {}

/** Goes through a connection step by step, verifying all that `sslmode=verify-full` does. Never throws for what it finds. */
export async function examineConnection(patient: Patient): Promise<DiagnosisStep[]> {
  const { host, port, user, database } = patient
  const seen = new Map<DiagnosisStepName, DiagnosisStep>()
  const closers: (() => void)[] = []

  /** `work` answers what it has, and what to say about it. */
  async function step<T>(name: DiagnosisStepName, work: () => Promise<readonly [T, string]>): Promise<T> {
    const began = performance.now()
    const note = (rest: Pick<DiagnosisStep, 'outcome' | 'detail' | 'nextStep'>): void =>
      void seen.set(name, { name, durationMs: Math.round((performance.now() - began) * 10) / 10, ...rest })
    try {
      const [value, detail] = await within(stepMs, work(), () => failure('ETIMEDOUT', `No answer within ${stepMs / 1000} s`))
      note({ outcome: 'ok', detail, nextStep: '' })
      return value
    }
    catch (error) {
      note({ outcome: 'failed', ...explainFailure(name, error, patient) })
      throw new Failed()
    }
  }

  try {
    const address = await step('name-resolution', async () => {
      const { address } = await lookup(host)
      return [address, isIP(host) ? `${host} is an address` : `${host} is ${address}`]
    })
    const socket = await step('tcp', async () => {
      const socket = connect(port, address)
      closers.push(() => socket.destroy())
      socket.on('error', heardElsewhere)
      await once(socket, 'connect')
      return [socket, `Port ${port} answers`]
    })
    const secured = await step('tls', async () => {
      if (!patient.isDirect)
        await acceptTls(socket)
      // The certificate is judged by the step after this one.
      const secured = connectTls({ ...tlsOptions(patient), socket, rejectUnauthorized: false })
      closers.push(() => secured.destroy())
      secured.on('error', heardElsewhere)
      await Promise.race([once(secured, 'secureConnect'), closeOf(socket)])
      return [secured, `${secured.getProtocol()} with ${secured.getCipher().name}`]
    })
    await step('certificate', async () => {
      if (!secured.authorized)
        throw failure(String(secured.authorizationError), 'The certificate is not good')
      return [undefined, `Made for ${host}, and valid until ${new Date(secured.getPeerCertificate().valid_to).toISOString().slice(0, 10)}`]
    })
    secured.destroy()

    const client = new pg.Client({ host: address, port, user, password: patient.password, database, ssl: tlsOptions(patient), ...(patient.isDirect ? { sslnegotiation: 'direct' } : {}), query_timeout: stepMs, application_name: 'howdah diagnose' })
    client.on('error', heardElsewhere)
    closers.push(() => client.connection.stream.destroy())
    const authenticated = new Promise<void>(resolve => client.connection.once('authenticationOk', resolve))
    const connected = client.connect()
    connected.catch(heardElsewhere)
    await step('authentication', async () => {
      await Promise.race([authenticated, connected])
      return [undefined, `${user} is logged in`]
    })
    await step('database', async () => {
      await connected
      return [undefined, `${database} is open`]
    })
    await step('query', async () => {
      const { rows } = await client.query<{ server_version: string }>('show server_version')
      return [undefined, `PostgreSQL ${rows[0]?.server_version} answers`]
    })
    await client.end()
  }
  catch (error) {
    if (!(error instanceof Failed))
      throw error
  }
  finally {
    // The last one first: a TLS session must go before the socket under it.
    for (const close of closers.reverse())
      close()
  }
  return diagnosisSteps.map(name => seen.get(name) ?? { name, outcome: 'skipped', durationMs: null, detail: '', nextStep: '' })
}

/** For a host that is an address, no name is sent; the certificate is made out to either. */
function tlsOptions({ host, caCertificate, isDirect }: Patient) {
  return { ca: caCertificate, host, minVersion: 'TLSv1.2', ...(isDirect ? { ALPNProtocols: ['postgresql'] } : {}), ...(isIP(host) ? {} : { servername: host }) } as const
}

/** Ask for TLS, and wait for the server's consent. */
async function acceptTls(socket: Socket): Promise<void> {
  socket.write(sslRequest)
  const [bytes] = await Promise.race([once(socket, 'data'), closeOf(socket)]) as [Buffer]
  const answer = bytes.toString()
  if (answer !== 'S')
    throw failure('NO_TLS', answer === 'N' ? 'The server does not speak TLS' : 'What answers is not PostgreSQL')
}

async function closeOf(socket: Socket): Promise<never> {
  await once(socket, 'close')
  throw failure('ECONNRESET', 'The connection was closed')
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

/** The step that waits for a connection tells of its end; one that ends later is over anyway. */
function heardElsewhere(): void {}
