import type { PullEvent } from '@gocker/pull'
import type { StoredImage } from '@gocker/store'
import type { Location } from './language/location.ts'

/** A step as people see it. */
export interface StepLabel {
  /** Unique in the build. */
  readonly id: string
  /** The stage's name, or its number. */
  readonly stage: string
  /** From 1. */
  readonly number: number
  readonly total: number
  /** The instruction. */
  readonly text: string
}

/** What happens while an image is built. Steps of independent stages run side by side. */
export type BuildEvent =
  | { readonly type: 'pull'; readonly event: PullEvent }
  | { readonly type: 'step-started'; readonly step: StepLabel }
  | { readonly type: 'step-output'; readonly step: StepLabel; readonly stream: 'stdout' | 'stderr'; readonly chunk: Uint8Array }
  | {
      readonly type: 'step-done'
      readonly step: StepLabel
      readonly cached: boolean
      readonly failed: boolean
      readonly milliseconds: number
    }
  | { readonly type: 'warning' /** Of the build checks. */; readonly rule: string; readonly text: string; readonly at: Location }
  /** A cache of other machines is not there, or has not given what it has: the build does without. */
  | { readonly type: 'cache-unread'; readonly cache: string; readonly text: string }
  | { readonly type: 'done'; readonly image: StoredImage; readonly milliseconds: number }

export type BuildListener = (event: BuildEvent) => void
