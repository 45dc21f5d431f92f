import type { Connection } from '@howdah/contract'

export interface Target {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
  /** Where the clients find the CA's certificate, as every format names a file. */
  readonly caFile: string
  /** TLS begins with the first byte. */
  readonly isDirect?: boolean
}

/** Ready strings for the clients that people use. Pure. Every one of them verifies the server's certificate and name. */
export function connectionFormats(target: Target): Connection['formats'] {
  const { host, port, database, user, password, caFile, isDirect = false } = target
  const part = encodeURIComponent
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const uri = `postgresql://${part(user)}:${part(password)}@${address}/${part(database)}?sslmode=verify-full&sslrootcert=${part(caFile)}${isDirect ? '&sslnegotiation=direct' : ''}`
  return {
    uri,
    psql: `psql ${quoteShell(uri)}`,
    env: [['PGHOST', host], ['PGPORT', String(port)], ['PGDATABASE', database], ['PGUSER', user], ['PGPASSWORD', password], ['PGSSLMODE', 'verify-full'], ['PGSSLROOTCERT', caFile], ...isDirect ? [['PGSSLNEGOTIATION', 'direct']] : []].map(([key, value]) => `${key}=${quoteShell(value!)}`).join('\n'),
    node: `new pg.Pool({ host: ${quoteJson(host)}, port: ${port}, database: ${quoteJson(database)}, user: ${quoteJson(user)}, password: ${quoteJson(password)}, ssl: { ca: fs.readFileSync(${quoteJson(caFile)}, 'utf8') }${isDirect ? ', sslnegotiation: \'direct\'' : ''} })`,
    python: `psycopg.connect(${quoteJson(uri)})`,
    go: `pgxpool.New(ctx, ${quoteJson(uri)})`,
    java: `jdbc:postgresql://${address}/${part(database)}?user=${part(user)}&password=${part(password)}&sslmode=verify-full&sslrootcert=${part(caFile)}${isDirect ? '&sslNegotiation=direct' : ''}`,
    // Prisma's own engine asks for TLS first, always; its adapter for node-postgres reads the same as that.
    prisma: isDirect ? `DATABASE_URL=${quoteShell(uri)}` : `DATABASE_URL=${quoteShell(`postgresql://${part(user)}:${part(password)}@${address}/${part(database)}?schema=public&sslmode=require&sslcert=${part(caFile)}&sslaccept=strict`)}`,
    dotnet: `Host=${host};Port=${port};Database=${database};Username=${quoteAdo(user)};Password=${quoteAdo(password)};SSL Mode=VerifyFull;Root Certificate=${quoteAdo(caFile)}${isDirect ? ';SSL Negotiation=Direct' : ''}`,
  }
}

function quoteShell(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll('\'', '\'\\\'\'')}'`
}

/** As ADO.NET's DbConnectionStringBuilder reads it. */
function quoteAdo(text: string): string {
  return /^[^;"'=\s]+$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`
}

function quoteJson(text: string): string {
  return JSON.stringify(text)
}
