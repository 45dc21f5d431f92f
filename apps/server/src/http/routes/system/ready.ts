import { route } from '../../route.ts'

export const ready = route('system.ready', async ({ services }) => {
  if (services.draining.aborted)
    return { status: 503, body: { status: 'not-ready' as const, checks: [{ name: 'server', ok: false, message: 'It is draining' }] } }
  const checks = [...await services.system.checks()]
  const [store] = checks
  // A location that is away is no reason to send requests elsewhere: nobody else reaches it either, and this process can say why.
  return store?.ok
    ? { status: 200, body: { status: 'ready' as const, checks } }
    : { status: 503, body: { status: 'not-ready' as const, checks } }
})
