import { stepKey } from '../cache/step-cache.ts'
import { makeLayer, type StageDirectories } from './make-layer.ts'
import { type StageState, withStep } from './stage-state.ts'
import type { StepContext } from './step-context.ts'

export interface LayerStep {
  /** For the history. */
  readonly text: string
  /** All that the result depends on, beside the layers below. */
  readonly inputs: Readonly<Record<string, unknown>>
  /** The layer is the same whatever is below it: its step sees nothing of the stage, and is known again on other layers. */
  readonly alone?: boolean
  /** Changes the stage's files through an overlay of these directories. */
  readonly make: (directories: StageDirectories) => Promise<void>
}

/** A step that may change files: taken from the cache where the same was done before, on the same layers. */
export async function layerStep(
  { build, state, signal, reportCached }: StepContext,
  { text, inputs, alone = false, make }: LayerStep,
): Promise<StageState> {
  const { store, noCache, sourceDateEpoch } = build.options
  const below = alone ? [] : state.layers.map(({ diffID }) => diffID)
  const key = stepKey({ layers: below, alone, sourceDateEpoch, ...inputs })
  const known = noCache === true ? undefined : await build.cache.find(key)
  if (known !== undefined) {
    reportCached()
    return withStep(state, { text, ...known })
  }
  const lowers = below.map((diffID) => store.layers.path(diffID)).reverse()
  const layer = await makeLayer({ store, lowers, clampTo: sourceDateEpoch, signal }, make)
  const result = { created: build.now(), ...(layer !== undefined && { layer }) }
  await build.cache.remember(key, result)
  return withStep(state, { text, ...result })
}
