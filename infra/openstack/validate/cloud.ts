/** Names that catalogues used before the service types authority, and still do. */
const aliases: Readonly<Record<string, string>> = { volumev3: 'block-storage', volume: 'block-storage' }

/** A project of an OpenStack, over its APIs. Knows nothing about what is right and what is wrong. */
export class Cloud {
  readonly #token: string
  readonly #endpoints: ReadonlyMap<string, string>
  readonly projectId: string

  private constructor(token: string, endpoints: ReadonlyMap<string, string>, projectId: string) {
    this.#token = token
    this.#endpoints = endpoints
    this.projectId = projectId
  }

  /** Sign in with what OS_* says: a password, or an application credential. */
  static async signIn(env: Readonly<Record<string, string | undefined>>): Promise<Cloud> {
    const url = `${required(env, 'OS_AUTH_URL').replace(/\/(?:v3\/?)?$/, '')}/v3/auth/tokens`
    const response = await send(url, { method: 'POST', body: { auth: credentials(env) } })
    const token = response.headers.get('x-subject-token')
    if (response.status !== 201 || !token)
      throw new ApiError('POST', url, response.status, await response.text())
    const answer = await response.json() as TokenAnswer
    const region = env.OS_REGION_NAME
    const endpoints = answer.token.catalog.flatMap(({ type, endpoints }) => {
      const endpoint = endpoints.find(each => each.interface === (env.OS_INTERFACE ?? 'public') && (!region || each.region_id === region))
      return endpoint ? [[aliases[type] ?? type, endpoint.url.replace(/\/$/, '')] as const] : []
    })
    return new Cloud(token, new Map(endpoints), answer.token.project.id)
  }

  has(service: string): boolean {
    return this.#endpoints.has(service)
  }

  services(): readonly string[] {
    return [...this.#endpoints.keys()].sort()
  }

  endpoint(service: string): string {
    const url = this.#endpoints.get(service)
    if (!url)
      throw new Error(`the catalogue has no ${service} service for this region and interface`)
    // Some catalogues name the version, some do not.
    return service === 'network' && !/\/v2\.0$/.test(url) ? `${url}/v2.0` : service === 'image' && !/\/v2$/.test(url) ? `${url}/v2` : url
  }

  async get<T>(service: string, path: string): Promise<T> {
    return await this.call(service, 'GET', path) as T
  }

  async post<T>(service: string, path: string, body: unknown): Promise<T> {
    return await this.call(service, 'POST', path, body) as T
  }

  async put(service: string, path: string, body: unknown): Promise<void> {
    await this.call(service, 'PUT', path, body)
  }

  /** What is gone already is deleted. */
  async delete(service: string, path: string): Promise<void> {
    await this.call(service, 'DELETE', path).catch((error) => {
      if (!(error instanceof ApiError && error.status === 404))
        throw error
    })
  }

  /** The answer's body, undefined where there is none. */
  async call(service: string, method: string, path: string, body?: unknown): Promise<unknown> {
    const url = `${this.endpoint(service)}${path}`
    const response = await send(url, { method, body, token: this.#token })
    const text = await response.text()
    if (!response.ok)
      throw new ApiError(method, url, response.status, text)
    return text === '' ? undefined : JSON.parse(text) as unknown
  }
}

export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number

  constructor(method: string, url: string, status: number, text: string) {
    super(`${method} ${url}: ${status} ${text.replaceAll(/\s+/g, ' ').slice(0, 300)}`)
    this.status = status
  }
}

interface TokenAnswer {
  readonly token: {
    readonly project: { readonly id: string }
    readonly catalog: readonly {
      readonly type: string
      readonly endpoints: readonly { readonly interface: string, readonly region_id: string, readonly url: string }[]
    }[]
  }
}

async function send(url: string, { method, body, token }: { readonly method: string, readonly body?: unknown, readonly token?: string }): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token ? { 'x-auth-token': token } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    })
  }
  catch (error) {
    // fetch says only "fetch failed"; its cause says why.
    const why = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new Error(`${method} ${url}: ${why instanceof Error ? why.message || why.name : String(why)}`, { cause: error })
  }
}

function credentials(env: Readonly<Record<string, string | undefined>>): object {
  if (env.OS_APPLICATION_CREDENTIAL_ID) {
    return {
      identity: {
        methods: ['application_credential'],
        application_credential: { id: env.OS_APPLICATION_CREDENTIAL_ID, secret: required(env, 'OS_APPLICATION_CREDENTIAL_SECRET') },
      },
    }
  }
  const domain = (name: 'USER' | 'PROJECT') => env[`OS_${name}_DOMAIN_ID`] ? { id: env[`OS_${name}_DOMAIN_ID`] } : { name: env[`OS_${name}_DOMAIN_NAME`] ?? 'Default' }
  return {
    identity: {
      methods: ['password'],
      password: { user: { name: required(env, 'OS_USERNAME'), domain: domain('USER'), password: required(env, 'OS_PASSWORD') } },
    },
    scope: { project: { name: required(env, 'OS_PROJECT_NAME'), domain: domain('PROJECT') } },
  }
}

function required(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = env[name]
  if (!value)
    throw new Error(`${name} is not set; source the cloud's openrc file first`)
  return value
}
