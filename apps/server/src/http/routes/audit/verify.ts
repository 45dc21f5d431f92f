import { verifyAudit } from '../../../domain/audit-verify.ts'
import { route } from '../../route.ts'

export const verify = route('audit.verify', async ({ domain, caller }) => {
  return { status: 200, body: await verifyAudit(domain, caller) }
})
