import { createClient, tokensOf } from '@howdah/sdk'
import { defineCommand } from '../../command.ts'
import { updateConfig } from '../../connect/config-file.ts'
import { findAddress } from '../../connect/connection.ts'
import { configPath } from '../../connect/paths.ts'
import { given } from '../../given.ts'
import { flag, text } from '../../input/parameters.ts'
import { askPassword, askText } from '../../input/prompts.ts'
import { textView } from '../../output/view.ts'

export const login = defineCommand({
  summary: 'Sign in to a server',
  description: 'The session is kept in ~/.config/howdah/config.json (HOWDAH_CONFIG), readable by you alone.',
  examples: [
    'howdah login --url https://howdah.example.org',
    'howdah login --email ada@example.org --project sales',
    'howdah login --email ada@example.org --password-stdin < password.txt',
  ],
  parameters: {
    email: text('--email <email>', 'who you are'),
    passwordStdin: flag('--password-stdin', 'read the password from standard input'),
  },
  async run({ terminal, options }, { email, passwordStdin }) {
    const url = findAddress(terminal, options)
    const client = createClient({ baseUrl: url })
    // Before anyone types a password: is it a server at all?
    await client.system.health({ signal: terminal.signal })
    const session = await client.auth.login({
      email: email ?? await askText(terminal, 'E-mail', '--email'),
      password: await askPassword(terminal, 'Password', passwordStdin ?? false),
      ...given({ project: options.project }),
    }, { signal: terminal.signal })
    const { token, expiresAt, refreshToken } = tokensOf(session)
    const { user, project } = session
    await updateConfig(configPath(terminal.env), async config => ({
      current: url,
      logins: {
        ...config.logins,
        [url]: {
          email: user.email,
          project: project.name,
          refreshToken,
          tokens: token === undefined ? {} : { [project.name]: { token, expiresAt } },
        },
      },
    }))
    return textView({ url, email: user.email, project: project.name, role: project.role }, `Signed in to ${url} as ${user.email}, ${project.role} of the project ${project.name}.`)
  },
})
