import { route } from '../../route.ts'
import { capabilitiesView } from '../../views/capabilities.ts'

export const capabilities = route('capabilities.get', async ({ services }) => {
  return { status: 200, body: capabilitiesView(services.version, await services.system.locations()) }
})
