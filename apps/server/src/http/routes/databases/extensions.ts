import { listExtensions } from '../../../domain/catalogue.ts'
import { route } from '../../route.ts'

export const extensions = route('databases.extensions', async ({ domain, caller, params }) => {
  const found = await listExtensions(domain, caller, params.name)
  return {
    status: 200,
    body: {
      items: found.map(({ extension, enabled }) => ({
        ...extension,
        requires: [...extension.requires],
        enabled,
      })),
      nextCursor: null,
    },
  }
})
