import type { Context } from '../../context.ts'

/** The project that the credential is for. */
export async function currentProject(context: Context): Promise<string> {
  const client = await context.client()
  return context.connection().project ?? (await client.auth.me({ signal: context.terminal.signal })).project.name
}
