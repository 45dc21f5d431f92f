import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { argument, flag, text } from '../../input/parameters.ts'
import { askPassword } from '../../input/prompts.ts'
import { UsageError } from '../../usage-error.ts'
import { personDetails } from '../../views/access.ts'
import { findPerson } from '../member/find.ts'

export const update = defineCommand({
  summary: 'Change a person (operators)',
  examples: ['howdah person update ada@example.org --operator', 'howdah person update ada@example.org --disable', 'howdah person update ada@example.org --password'],
  parameters: {
    email: argument('EMAIL', 'e-mail of the person'),
    name: text('--name <name>', 'how they are called', { field: '/name' }),
    operator: flag('--operator', 'may manage people and projects', { field: '/isOperator' }),
    noOperator: flag('--no-operator', 'may not', { field: '/isOperator' }),
    disable: flag('--disable', 'end every session and API key of theirs', { field: '/isDisabled' }),
    noDisable: flag('--no-disable', 'let them sign in again', { field: '/isDisabled' }),
    password: flag('--password', 'ask for a new password', { field: '/password' }),
    passwordStdin: flag('--password-stdin', 'read a new password from standard input', { field: '/password' }),
  },
  async run(context, { email, name, operator, disable, password, passwordStdin }) {
    const client = await context.client()
    const fields = given({
      name,
      isOperator: operator,
      isDisabled: disable,
      password: password || passwordStdin ? await askPassword(context.terminal, 'New password', passwordStdin ?? false) : undefined,
    })
    if (Object.keys(fields).length === 0)
      throw new UsageError('There is nothing to change')
    const { id } = await findPerson(context, email)
    return personDetails(await client.people.update(id, fields, { signal: context.terminal.signal }))
  },
})
