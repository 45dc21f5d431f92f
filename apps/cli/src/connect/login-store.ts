import type { Tokens, TokenStore } from '@howdah/sdk'
import type { ConfigFile, Login } from './config-file.ts'
import { readConfig, updateConfig } from './config-file.ts'

/** The tokens of a sign-in for one project, shared by all commands that run at the same time. */
export function loginStore(path: string, url: string, project: string): TokenStore {
  return {
    read: () => Promise.resolve(tokensOf(readConfig(path).logins[url], project)),
    update: async (change) => {
      let result: Tokens | undefined
      await updateConfig(path, async (config) => {
        const login = config.logins[url]
        const current = tokensOf(login, project)
        result = await change(current)
        if (!login || result === current)
          return config
        return result
          ? { ...config, logins: { ...config.logins, [url]: withTokens(login, project, result) } }
          : withoutLogin(config, url)
      })
      return result
    },
  }
}

/** Forget a sign-in. */
export function withoutLogin(config: ConfigFile, url: string): ConfigFile {
  const logins = Object.fromEntries(Object.entries(config.logins).filter(([key]) => key !== url))
  return { current: config.current === url ? null : config.current, logins }
}

function tokensOf(login: Login | undefined, project: string): Tokens | undefined {
  if (!login)
    return undefined
  const { token, expiresAt = '' } = login.tokens[project] ?? {}
  return { token, expiresAt, refreshToken: login.refreshToken }
}

function withTokens(login: Login, project: string, { token, expiresAt, refreshToken }: Tokens): Login {
  return {
    ...login,
    refreshToken,
    tokens: token === undefined ? login.tokens : { ...login.tokens, [project]: { token, expiresAt } },
  }
}
