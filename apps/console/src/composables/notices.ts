import { shallowRef } from 'vue'

export interface Notice {
  readonly id: number
  readonly tone: 'good' | 'bad'
  readonly text: string
}

const notices = shallowRef<readonly Notice[]>([])
let last = 0
const shownMs = { good: 4000, bad: 12_000 } as const

/** Short messages about what was just done; they leave by themselves. What a person must act on stands in the page. */
export function useNotices() {
  return {
    notices,
    tell: (text: string, tone: Notice['tone'] = 'good') => {
      const notice = { id: ++last, tone, text }
      notices.value = [...notices.value.slice(-3), notice]
      setTimeout(dismiss, shownMs[tone], notice.id)
    },
    dismiss,
  }
}

function dismiss(id: number): void {
  notices.value = notices.value.filter(notice => notice.id !== id)
}
