import { ConnectionError, createClient, isHowdahError } from '@howdah/sdk'
import { defineCommand } from '../../command.ts'
import { readConfig, updateConfig } from '../../connect/config-file.ts'
import { findAddress, findConnection } from '../../connect/connection.ts'
import { withoutLogin } from '../../connect/login-store.ts'
import { configPath } from '../../connect/paths.ts'
import { textView } from '../../output/view.ts'

export const logout = defineCommand({
  summary: 'End the session of howdah login',
  examples: ['howdah logout', 'howdah logout --url https://howdah.example.org'],
  parameters: {},
  async run({ terminal, options, hint }) {
    const url = findAddress(terminal, options)
    const path = configPath(terminal.env)
    if (!readConfig(path).logins[url])
      return textView({ url, signedOut: false }, `There is no session for ${url}.`)
    const { credential } = findConnection({ ...terminal, env: { ...terminal.env, HOWDAH_TOKEN: undefined } }, { ...options, url })
    try {
      await createClient({ baseUrl: url, ...credential }).auth.logout({ signal: terminal.signal })
    }
    catch (error) {
      if (!(error instanceof ConnectionError) && !isHowdahError(error))
        throw error
      if (!isHowdahError(error, 'unauthenticated'))
        hint(`The server could not be told (${error.message}); the session ends there by itself.`)
    }
    await updateConfig(path, async config => withoutLogin(config, url))
    return textView({ url, signedOut: true }, `Signed out of ${url}.`)
  },
})
