import { withLock } from '@gocker/store'
import { NotKnown } from '../cache/not-known.ts'
import { type StepResult, stepKey } from '../cache/step-cache.ts'
import type { LayerThreads } from '../layer-thread/layer-threads.ts'
import type { StageDirectories } from './make-layer.ts'
import { type StageState, withStep } from './stage-state.ts'
import type { StepContext } from './step-context.ts'

export interface LayerStep {
  /** For the history. */
  readonly text: string
  /** All that the result depends on, beside the layers below. */
  readonly inputs: Readonly<Record<string, unknown>>
  /** The layer is the same whatever is below it: its step sees nothing of the stage, and is known again on other layers. */
  readonly alone?: boolean
  /** Its files come from the user's disk, where times tell when they were checked out: with a date for the build they all get that. */
  readonly timeless?: boolean
  /** Changes the stage's files through an overlay of these directories. */
  readonly make: (directories: StageDirectories, threads: LayerThreads) => Promise<void>
}

/** A step that may change files: taken from the cache where the same was done before, on the same layers. */
export async function layerStep(
  context: StepContext,
  { text, inputs, alone = false, timeless = false, make }: LayerStep,
): Promise<StageState> {
  const { build, state, signal } = context
  const { store, noCache, sourceDateEpoch } = build.options
  const below = alone ? [] : state.layers.map(({ diffID }) => diffID)
  const key = stepKey({ layers: below, alone, sourceDateEpoch, ...inputs })
  const lowers = store.layers.stack(below)
  const times = sourceDateEpoch === undefined ? undefined : { seconds: sourceDateEpoch, everything: timeless }
  const made = async (): Promise<StepResult> => {
    // Loaded here: what is known needs neither threads nor mounts.
    const { makeLayer } = await import('./make-layer.ts')
    const layer = await makeLayer({ store, lowers, times, signal, threads: await build.threads() }, make)
    const result = { created: build.now(), ...(layer !== undefined && { layer }) }
    await build.cache.remember(key, result)
    return result
  }
  const { layer, created } = await (noCache === true ? made() : knownOr(made, key, context))
  // What has made nothing has no date of its own.
  return withStep(state, { text, created: layer === undefined ? state.created : created, layer })
}

/** Who finds that another build, or another stage, is making the same waits for it. */
async function knownOr(made: () => Promise<StepResult>, key: string, { build, signal, reportCached }: StepContext): Promise<StepResult> {
  const find = async () => {
    const known = await build.cache.find(key)
    if (known !== undefined) reportCached()
    return known
  }
  if (build.onlyKnown) return (await find()) ?? refuse()
  const { paths } = build.options.store
  const alone = { signal, transient: true }
  return (await find()) ?? (await withLock(paths.lock(`step-${key}`), 'exclusive', async () => (await find()) ?? (await made()), alone))
}

function refuse(): never {
  throw new NotKnown()
}
