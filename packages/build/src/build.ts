import { hostPlatform, parsePlatform } from '@gocker/oci'
import type { StoredImage } from '@gocker/store'
import type { StepCache } from './cache/step-cache.ts'
import { BuildError } from './error.ts'
import { neededStages, stageGraph } from './graph/stage-graph.ts'
import { writeImage } from './image/write-image.ts'
import { expand } from './language/expansion.ts'
import { type Gockerfile, parseGockerfile, type Stage } from './language/gockerfile.ts'
import { reportWarnings } from './lint/check.ts'
import type { BuildOptions } from './options.ts'
import { withRemoteCaches } from './remote-cache/with-remote-caches.ts'
import { type Sources, withSources } from './sources/with-sources.ts'
import { buildRun } from './stage/build-run.ts'
import type { StageState } from './stage/stage-state.ts'
import { type GlobalVariables, globalVariables } from './stage/variables.ts'

/**
 * Builds an image from a Gockerfile: the Dockerfile's language.
 * Stages that do not need each other are built side by side, and those that nobody needs are not.
 * @throws {BuildError} with the place in the Gockerfile; {PullError} for a base image; the signal's reason
 * @see https://docs.docker.com/reference/dockerfile/
 */
export async function build(options: BuildOptions): Promise<StoredImage> {
  const started = performance.now()
  const image = await withSources(options, (sources) => withRemoteCaches(options, (cache) => buildSources(sources, options, cache)))
  options.onEvent?.({ type: 'done', image, milliseconds: performance.now() - started })
  return image
}

/** Builds what has been found and opened already; see {@link build}. */
export async function buildSources(
  { gockerfile: source, context }: Sources,
  options: BuildOptions,
  cache: StepCache,
): Promise<StoredImage> {
  const gockerfile = parseGockerfile(source.text, source.name)
  const variables = variablesOf(gockerfile, options)
  const nodes = stageGraph(gockerfile, (stage) => baseName(stage, gockerfile, variables))
  const { target, needed } = neededStages(nodes, options.target)
  await reportWarnings({ source, gockerfile, context, options })
  return await options.store.keeping(async () => {
    const run = buildRun({ options, context, cache, variables, escape: gockerfile.directives.escape, stages: gockerfile.stages, needed })
    const state = await run.finish(target.index)
    return await writeImage(options.store, withLabels(state, options), options.tags ?? [])
  }, signalOf(options))
}

function variablesOf(gockerfile: Gockerfile, { buildArgs = {}, platform, target }: BuildOptions): GlobalVariables {
  const wanted = typeof platform === 'string' ? parsePlatform(platform) : (platform ?? hostPlatform())
  return globalVariables(gockerfile, { buildArgs, platform: wanted, target: target ?? 'default' })
}

function baseName({ from }: Stage, { directives }: Gockerfile, { globals }: GlobalVariables): string {
  const name = expand(from.base, { lookup: (name) => globals.get(name), escape: directives.escape })
  if (name !== '') return name
  throw new BuildError('SYNTAX', `FROM: ${from.base} comes to nothing`, {
    at: from.at,
    hint: 'give its ARG a value: before the first FROM, or with --build-arg',
  })
}

function withLabels(state: StageState, { labels }: BuildOptions): StageState {
  if (labels === undefined || Object.keys(labels).length === 0) return state
  return { ...state, config: { ...state.config, Labels: { ...state.config.Labels, ...labels } } }
}

function signalOf({ signal }: BuildOptions) {
  return signal === undefined ? {} : { signal }
}
