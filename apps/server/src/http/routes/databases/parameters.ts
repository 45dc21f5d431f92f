import { listParameters } from '../../../domain/catalogue.ts'
import { route } from '../../route.ts'

export const parameters = route('databases.parameters', async ({ domain, caller, params }) => {
  const found = await listParameters(domain, caller, params.name)
  return {
    status: 200,
    body: {
      items: found.map(parameter => ({
        ...parameter,
        enumValues: parameter.enumValues
          ? [...parameter.enumValues]
          : null,
      })),
      nextCursor: null,
    },
  }
})
