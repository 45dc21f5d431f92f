import type { Me, SessionProvider } from '@howdah/sdk'
import { cookieSession, createClient, isHowdahError } from '@howdah/sdk'
import { computed, ref, shallowRef } from 'vue'
import { onOtherTab, tellOtherTabs } from './other-tabs.ts'

/**
 * Who is signed in, and the one client of the API. The tokens are cookies that no script can read; what is known here
 * is only whether they still work.
 */
const me = shallowRef<Me>()
/** `unknown`: not asked yet. `ended`: the page stays, and the person signs in again over it. */
const state = ref<'unknown' | 'signed-out' | 'signed-in' | 'ended'>('unknown')
let answerRenewal: ((isRenewed: boolean) => void) | undefined
let renewal: Promise<boolean> | undefined

const cookies = cookieSession()
const session: SessionProvider = {
  ...cookies,
  // The SDK repeats a request after a renewal: a form that was sent with a dead session goes through after the sign-in.
  renew: async (exchange, used) => await cookies.renew(exchange, used) || await askForSignIn(),
}

export const client = createClient({ session })
/** Takes no for an answer. */
const asking = createClient({ session: cookies })

function askForSignIn(): Promise<boolean> {
  if (state.value !== 'signed-in' && state.value !== 'ended')
    return Promise.resolve(false)
  state.value = 'ended'
  renewal ??= new Promise<boolean>(resolve => answerRenewal = resolve).finally(() => renewal = undefined)
  return renewal
}

/** Ask the server who is signed in. Throws when there is no server. */
async function load(): Promise<void> {
  try {
    me.value = await asking.auth.me()
    state.value = 'signed-in'
  }
  catch (error) {
    if (!isHowdahError(error, 'unauthenticated'))
      throw error
    me.value = undefined
    state.value = 'signed-out'
  }
}

async function signIn(email: string, password: string): Promise<void> {
  const before = me.value
  const signedIn = await client.auth.login({
    email,
    password,
    cookie: true,
    ...(before && { project: before.project.name }),
  })
  // What waits was asked by someone else, and must not be done in this person's name.
  if (before && before.user?.id !== signedIn.user.id)
    globalThis.location.assign('/')
  await load()
  answerRenewal?.(true)
  tellOtherTabs()
}

async function signOut(): Promise<void> {
  try {
    await client.auth.logout()
  }
  catch (error) {
    if (!isHowdahError(error, 'unauthenticated'))
      throw error
  }
  answerRenewal?.(false)
  me.value = undefined
  state.value = 'signed-out'
  tellOtherTabs()
}

/** A credential is for one project: switching gets another one. */
async function switchProject(project: string): Promise<void> {
  await client.auth.refresh({ project })
  await load()
  tellOtherTabs()
}

/** Another tab signed in or out, or switched the project: this one has the same cookies, and goes along. */
async function follow(): Promise<void> {
  const before = me.value
  await load()
  const isSame = before !== undefined && before.user?.id === me.value?.user?.id
  if (before && me.value && !isSame)
    globalThis.location.assign('/')
  answerRenewal?.(isSame)
}
// A server that is gone is noticed by whatever is asked next.
onOtherTab(() => void follow().catch(() => undefined))

export function useSession() {
  return {
    me,
    state,
    project: computed(() => me.value?.project.name ?? ''),
    /** May the person do this here? The server decides again, on every request. */
    may: (action: Me['actions'][number]) => me.value?.actions.includes(action) ?? false,
    load,
    signIn,
    signOut,
    switchProject,
  }
}
