import type { StreamMessage } from '../store/stream.ts'

/** Where this process hears what any process changed. Filled from the store's notifications (store/listener.ts). */
export interface Hub {
  /** Called for every stream event of the project, in order. Returns how to stop. */
  subscribe: (projectId: string, listener: (message: StreamMessage) => void) => () => void
  /**
   * False while notifications cannot be heard. Whoever caches by notifications must not trust its cache then; streams
   * catch up from the store when it turns true.
   */
  readonly isListening: () => boolean
  /** Called whenever listening begins again after a gap. Returns how to stop. */
  onResume: (listener: () => void) => () => void
}
