import type { PackRootOptions, RingMemory } from '@gocker/pull'
import type { CopyJob } from '../copy/copy-job.ts'

/** The role by which the bundle's entry point knows the thread. */
export const BUILD_THREAD_ROLE = 'gocker-build-layer'

/** The last word of the thread's command line: the entry point need not ask Node whether it is a thread. */
export const THREAD_MARK = 'gocker-thread'

export interface BuildThreadData {
  readonly role: typeof BUILD_THREAD_ROLE
  /** Shared memory: not 0 when the thread is to end before the next file. */
  readonly stop: Int32Array
}

/** What a thread does with a layer; structured-clonable. */
export type LayerJob =
  | { readonly kind: 'copy'; readonly copy: CopyJob }
  | { readonly kind: 'pack'; readonly directory: string; readonly ring: RingMemory; readonly options: PackRootOptions }

/** An error loses its class on the way between threads. */
export type LayerJobAnswer =
  | { readonly ok: true; readonly result: unknown /** Whether the thread is back where it began. */; readonly isFree: boolean }
  | { readonly ok: false; readonly code?: string | undefined; readonly message: string; readonly hint?: string | undefined }
