import type { Component } from 'vue'

/** Something that the palette offers. */
export interface Command {
  readonly key: string
  readonly label: string
  readonly kind: string
  readonly icon: Component
  readonly run: () => void
}
