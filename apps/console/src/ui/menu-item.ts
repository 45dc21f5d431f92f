import type { Component } from 'vue'

export interface MenuItem {
  readonly label: string
  readonly choose: () => void
  readonly icon?: Component
  readonly hint?: string
  /** Why it cannot be chosen now; undefined: it can. */
  readonly unavailable?: string | undefined
  readonly tone?: 'danger'
  readonly isCurrent?: boolean
}
