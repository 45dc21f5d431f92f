import { ConnectionError } from './errors.ts'

const nextSteps: Record<string, readonly [string, string]> = {
  ECONNREFUSED: ['nothing listens there', 'Start the server (`howdah up`), or check the address.'],
  ENOTFOUND: ['the host name does not resolve', 'Check the address.'],
  EAI_AGAIN: ['the host name cannot be looked up now', 'Check the network and the address.'],
  ETIMEDOUT: ['it does not answer', 'Check the network and the address.'],
  UND_ERR_CONNECT_TIMEOUT: ['it does not answer', 'Check the network and the address.'],
  ECONNRESET: ['the connection was cut', 'Try again; the server may have been restarting.'],
  UND_ERR_SOCKET: ['the connection was cut', 'Try again; the server may have been restarting.'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['it does not speak TLS', 'Use http:// instead of https://, or the port that speaks TLS.'],
  CERT_HAS_EXPIRED: ['its certificate has expired', 'Renew the server\'s certificate.'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['its certificate is for another name', 'Use the name that the certificate carries.'],
}
const untrusted = ['its certificate is not trusted here', 'Set NODE_EXTRA_CA_CERTS to a file with the CA\'s certificate.'] as const
for (const code of [
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
])
  nextSteps[code] = untrusted

/** `fetch` says "fetch failed" for everything; the reason hides in its causes. */
export function unreachable(url: string, error: unknown): ConnectionError {
  const { origin } = new URL(url)
  if (error instanceof Error && error.cause instanceof Error && error.cause.message === 'unexpected redirect')
    return new ConnectionError(origin, `${origin} sends on to another address.`, 'Use the address that it sends to; often https:// instead of http://.', error)
  const [why, nextStep] = nextSteps[codeOf(error) ?? ''] ?? ['there was no answer', 'Check that the server runs, and the address.']
  return new ConnectionError(origin, `Cannot reach ${origin}: ${why}.`, nextStep, error)
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error))
    return undefined
  if ('code' in error && typeof error.code === 'string')
    return error.code
  return codeOf(error.cause) ?? (error instanceof AggregateError
    ? codeOf(error.errors[0])
    : undefined)
}
