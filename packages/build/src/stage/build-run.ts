import { formatPlatform, type Platform } from '@gocker/oci'
import type { StoredImage } from '@gocker/store'
import { NotKnown } from '../cache/not-known.ts'
import type { StepCache } from '../cache/step-cache.ts'
import type { BuildContext } from '../context/context.ts'
import { copiedSource, type StageNode } from '../graph/stage-graph.ts'
import type { LayerThreads } from '../layer-thread/layer-threads.ts'
import type { BuildOptions } from '../options.ts'
import { buildStage } from './build-stage.ts'
import type { StageState } from './stage-state.ts'
import type { BuildRun } from './step-context.ts'
import type { GlobalVariables } from './variables.ts'

/** What is to be built. */
export interface BuildPlan {
  readonly options: BuildOptions
  readonly context: BuildContext
  readonly cache: StepCache
  readonly variables: GlobalVariables
  readonly escape: string
  readonly nodes: readonly StageNode[]
  readonly target: StageNode
  /** What the target is known to need; triggers of base images may need more. */
  readonly needed: readonly StageNode[]
}

/**
 * Builds the target: every stage that is needed is started, and waits for what it needs itself. When one fails, the others are stopped, and have
 * undone what they began before the error is thrown.
 * @param options.onlyKnown makes nothing: the first step whose result is not known ends it
 * @throws {NotKnown} for that
 */
export async function runBuild(plan: BuildPlan, { onlyKnown }: { readonly onlyKnown: boolean }): Promise<StageState> {
  const { options, context, cache, variables, escape, nodes } = plan
  const stop = new AbortController()
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal])
  const running = new Map<number, Promise<StageState>>()
  const stages = nodes.map(({ stage }) => stage)
  let failure: { readonly error: unknown } | undefined
  let threads: Promise<LayerThreads> | undefined
  const files = options.store.layers.files()
  const run: BuildRun = {
    options,
    context,
    cache,
    variables,
    escape,
    onlyKnown,
    files,
    now: clockOf(options),
    image: imageGetter(options, { onlyKnown, signal }),
    source: (from, stage) => copiedSource(from, stages.slice(0, stage), stages),
    stage: (index) => running.get(index) ?? start(nodes[index] as StageNode),
    threads: () => (threads ??= import('../layer-thread/layer-threads.ts').then(({ LayerThreads }) => new LayerThreads())),
  }
  // Whatever is made is made in a thread: it begins while the context is read.
  if (!onlyKnown) void run.threads().then((early) => early.startEarly())
  for (const node of plan.needed) void run.stage(node.index)
  await allSettled(running)
  await (await threads)?.end()
  files.close()
  if (failure !== undefined) throw options.signal?.aborted === true ? options.signal.reason : failure.error
  return withLabels(await run.stage(plan.target.index), options)

  function start(node: StageNode): Promise<StageState> {
    // In a later turn: what it needs may not have been started yet.
    const stage = Promise.resolve().then(() => buildStage(node, run, signal))
    running.set(node.index, stage)
    stage.catch((error: unknown) => {
      failure ??= { error }
      stop.abort()
    })
    return stage
  }
}

function withLabels(state: StageState, { labels }: BuildOptions): StageState {
  if (labels === undefined || Object.keys(labels).length === 0) return state
  return { ...state, config: { ...state.config, Labels: { ...state.config.Labels, ...labels } } }
}

/** More may be started by those that run. */
async function allSettled(running: ReadonlyMap<number, Promise<unknown>>): Promise<void> {
  for (let count = 0; count < running.size; ) {
    count = running.size
    await Promise.allSettled(running.values())
  }
}

/** Base images by name, each looked up or pulled once. */
function imageGetter(
  { store, pull: always, insecure, onEvent }: BuildOptions,
  { onlyKnown, signal }: { readonly onlyKnown: boolean; readonly signal: AbortSignal },
): BuildRun['image'] {
  const asked = new Map<string, Promise<StoredImage>>()
  async function get(name: string, platform: Platform): Promise<StoredImage> {
    const here = always === true ? undefined : await store.images.find(name)
    if (here !== undefined && isFor(here, platform)) return here
    if (onlyKnown) throw new NotKnown()
    const { pull } = await import('@gocker/pull')
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
