import { formatPlatform, type Platform } from '@gocker/oci'
import { pull } from '@gocker/pull'
import type { StoredImage } from '@gocker/store'
import type { StepCache } from '../cache/step-cache.ts'
import type { BuildContext } from '../context/context.ts'
import { type StageNode, sourceOf } from '../graph/stage-graph.ts'
import type { Stage } from '../language/gockerfile.ts'
import type { BuildOptions } from '../options.ts'
import { buildStage } from './build-stage.ts'
import type { StageState } from './stage-state.ts'
import type { BuildRun } from './step-context.ts'
import type { GlobalVariables } from './variables.ts'

interface BuildRunOptions {
  readonly options: BuildOptions
  readonly context: BuildContext
  readonly cache: StepCache
  readonly variables: GlobalVariables
  readonly escape: string
  readonly stages: readonly Stage[]
  readonly needed: readonly StageNode[]
}

/** Starts every stage that is needed; each waits for what it needs itself. */
export function buildRun({ options, context, cache, variables, escape, stages, needed }: BuildRunOptions) {
  const failed = new AbortController()
  const signal = options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal])
  const running = new Map<number, Promise<StageState>>()
  const images = imageGetter(options, signal)
  const run: BuildRun = {
    options,
    context,
    cache,
    variables,
    escape,
    now: clockOf(options),
    image: images,
    source: (name, stage) => sourceOf(name, stages.slice(0, stage), { numbers: true }),
    stage: (index) => running.get(index) ?? Promise.reject(new Error(`stage ${index} is not among the needed ones`)),
  }
  return { finish: (target: number) => finish(target) }

  /** The target's end. When a stage fails, the others are stopped, and have undone what they began before the error is thrown. */
  async function finish(target: number): Promise<StageState> {
    let failure: { readonly error: unknown } | undefined
    for (const node of needed) {
      const stage = buildStage(node, run, signal)
      running.set(node.index, stage)
      stage.catch((error: unknown) => {
        failure ??= { error }
        failed.abort()
      })
    }
    await Promise.allSettled(running.values())
    if (failure !== undefined) throw options.signal?.aborted === true ? options.signal.reason : failure.error
    return await run.stage(target)
  }
}

/** Base images by name, each looked up or pulled once. */
function imageGetter({ store, pull: always, insecure, onEvent }: BuildOptions, signal: AbortSignal): BuildRun['image'] {
  const asked = new Map<string, Promise<StoredImage>>()
  async function get(name: string, platform: Platform): Promise<StoredImage> {
    const here = always === true ? undefined : await store.images.find(name)
    if (here !== undefined && isFor(here, platform)) return here
    return await pull(name, {
      store,
      platform,
      ...(insecure !== undefined && { insecure }),
      signal,
      onEvent: (event) => onEvent?.({ type: 'pull', event }),
    })
  }
  return (name, platform) => {
    const key = `${name} ${formatPlatform(platform)}`
    const image = asked.get(key) ?? get(name, platform)
    asked.set(key, image)
    return image
  }
}

function isFor({ config }: StoredImage, platform: Platform): boolean {
  return config.os === platform.os && config.architecture === platform.architecture
}

function clockOf({ sourceDateEpoch }: BuildOptions): () => string {
  return () => (sourceDateEpoch === undefined ? new Date() : new Date(sourceDateEpoch * 1000)).toISOString()
}
