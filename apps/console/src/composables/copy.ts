import { useNotices } from './notices.ts'

/** To the clipboard. A browser refuses it to pages without TLS on other machines; then say so. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  }
  catch {
    useNotices().tell('The browser did not allow copying; select the text instead.', 'bad')
    return false
  }
}
