import { route } from '../../route.ts'

/** Says only that the process answers: a restart mends nothing that /ready complains about. */
export const health = route('system.health', async ({ services }) => {
  return { status: 200, body: { status: 'ok' as const, version: services.version } }
})
