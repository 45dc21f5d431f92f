import { defineCommand } from '../../command.ts'
import { given } from '../../given.ts'
import { argument, flag, text } from '../../input/parameters.ts'
import { askPassword } from '../../input/prompts.ts'
import { personDetails } from '../../views/access.ts'

export const create = defineCommand({
  summary: 'Add a person (operators)',
  description: 'A password is generated and shown once, unless one is given.',
  examples: ['howdah person create ada@example.org --name "Ada"', 'howdah person create ada@example.org --operator --password-stdin < password.txt'],
  parameters: {
    email: argument('EMAIL', 'e-mail of the person', { field: '/email' }),
    name: text('--name <name>', 'how they are called (default: their e-mail)', { field: '/name' }),
    operator: flag('--operator', 'may manage people and projects', { field: '/isOperator' }),
    passwordStdin: flag('--password-stdin', 'read the password from standard input', { field: '/password' }),
  },
  async run(context, { email, name = email, operator, passwordStdin }) {
    const client = await context.client()
    const password = passwordStdin ? await askPassword(context.terminal, 'Password', true) : undefined
    const person = await client.people.create({ email, name, ...given({ isOperator: operator, password }) }, { signal: context.terminal.signal })
    context.hint(`Let them into the project: howdah member add ${email} --role developer`)
    return personDetails(person)
  },
})
