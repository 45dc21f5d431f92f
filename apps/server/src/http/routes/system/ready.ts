import { route } from '../../route.ts'

export const ready = route('system.ready', async ({ services }) => {
  if (services.draining.aborted)
    return { status: 503, body: { status: 'not-ready' as const, checks: [{ name: 'server', ok: false, message: 'It is draining' }] } }
  const checks = [...await services.system.checks()]
  const [store, ...locations] = checks
  // One location that is away is no reason to take the others out of service with it.
  return store?.ok && (locations.length === 0 || locations.some(({ ok }) => ok))
    ? { status: 200, body: { status: 'ready' as const, checks } }
    : { status: 503, body: { status: 'not-ready' as const, checks } }
})
