import { docsHeaders, docsPage } from '../../docs-page.ts'
import { route } from '../../route.ts'

export const docs = route('system.docs', async ({ services }) => {
  return { status: 200, body: docsPage(services.version), headers: docsHeaders, type: 'text/html; charset=utf-8' }
})
