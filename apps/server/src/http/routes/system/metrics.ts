import { route } from '../../route.ts'

export const metrics = route('system.metrics', async ({ services }) => {
  const { text, type } = await services.system.scrape()
  return { status: 200, body: text, type }
})
