import { hostPlatform, OciError, parsePlatform, parseReference } from '@gocker/oci'
import type { StoredImage } from '@gocker/store'
import type { StepCache } from './cache/step-cache.ts'
import { BuildError } from './error.ts'
import { neededStages, stageGraph } from './graph/stage-graph.ts'
import { knownImage } from './image/known-image.ts'
import { writeImage } from './image/write-image.ts'
import { expand } from './language/expansion.ts'
import { type Gockerfile, parseGockerfile, type Stage } from './language/gockerfile.ts'
import { reportWarnings } from './lint/check.ts'
import type { BuildOptions } from './options.ts'
import { withRemoteCaches } from './remote-cache/with-remote-caches.ts'
import { type Sources, withSources } from './sources/with-sources.ts'
import { type BuildPlan, runBuild } from './stage/build-run.ts'
import { type GlobalVariables, globalVariables } from './stage/variables.ts'

/**
 * Builds an image from a Gockerfile: the Dockerfile's language.
 * Stages that do not need each other are built side by side, and those that nobody needs are not.
 * @throws {BuildError} with the place in the Gockerfile; {PullError} for a base image; the signal's reason
 * @see https://docs.docker.com/reference/dockerfile/
 */
export async function build(options: BuildOptions): Promise<StoredImage> {
  const started = Date.now()
  checkTags(options)
  const image = await withSources(options, (sources) => withRemoteCaches(options, (cache) => buildSources(sources, options, cache)))
  options.onEvent?.({ type: 'done', image, milliseconds: Date.now() - started })
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
  const plan = { options, context, cache, variables, escape: gockerfile.directives.escape, nodes, target, needed }
  return (await knownImage(plan)) ?? (await madeImage(plan))
}

async function madeImage(plan: BuildPlan): Promise<StoredImage> {
  const { store, tags = [], signal } = plan.options
  return await store.keeping(async () => await writeImage(store, await runBuild(plan, { onlyKnown: false }), tags), { signal })
}

/** @throws {BuildError} `INVALID_OPTION` for a name with a digest, which is what comes out, and no name to give */
export function checkTags({ tags = [] }: BuildOptions): void {
  const refuse = (tag: string, why: string, cause?: unknown): never => {
    throw new BuildError('INVALID_OPTION', `naming the image ${tag}: ${why}`, {
      cause,
      hint: 'such as hello, hello:1.2 or localhost:5000/hello',
    })
  }
  for (const tag of tags) {
    try {
      if (parseReference(tag).digest !== undefined) refuse(tag, 'a digest is what a build comes to, and cannot be given')
    } catch (cause) {
      if (cause instanceof OciError) refuse(tag, cause.message, cause)
      throw cause
    }
  }
}

function variablesOf(gockerfile: Gockerfile, { buildArgs = {}, platform, target }: BuildOptions): GlobalVariables {
  const wanted = typeof platform === 'string' ? parsePlatform(platform) : (platform ?? hostPlatform())
  return globalVariables(gockerfile, { buildArgs, platform: wanted, target })
}

function baseName({ from }: Stage, { directives }: Gockerfile, { globals }: GlobalVariables): string {
  const name = expand(from.base, { lookup: (name) => globals.get(name), escape: directives.escape })
  if (name !== '') return name
  throw new BuildError('SYNTAX', `FROM: ${from.base} comes to nothing`, {
    at: from.at,
    hint: 'give its ARG a value: before the first FROM, or with --build-arg',
  })
}
