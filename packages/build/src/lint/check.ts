import { type ContainerConfig, hostPlatform, OciError, parsePlatform } from '@gocker/oci'
import type { Store } from '@gocker/store'
import type { BuildContext } from '../context/context.ts'
import { directoryTree } from '../context/directory-tree.ts'
import { select } from '../context/select.ts'
import type { SourceTree } from '../context/tree.ts'
import { BuildError } from '../error.ts'
import { type Gockerfile, parseGockerfile } from '../language/gockerfile.ts'
import type { BuildOptions } from '../options.ts'
import type { GockerfileSource } from '../sources/find-gockerfile.ts'
import { withSources } from '../sources/with-sources.ts'
import { globalVariables } from '../stage/variables.ts'
import { parseCheckDirective } from './check-directive.ts'
import { lint } from './lint.ts'
import type { Warning } from './rule.ts'
import { valueIn } from './scope.ts'

/**
 * Reads a Gockerfile, and says what in it is likely not meant; builds and downloads nothing. Variables that a base image may set
 * are taken from the image where it is in the store.
 * @throws {BuildError} for what a build would refuse, too
 */
export async function check(options: BuildOptions): Promise<Warning[]> {
  return await withSources(options, async ({ gockerfile: source, context }) => {
    const gockerfile = parseGockerfile(source.text, source.name)
    return await warningsOf({ source, gockerfile, context, options })
  })
}

export interface CheckedBuild {
  readonly source: Pick<GockerfileSource, 'text' | 'name'>
  readonly gockerfile: Gockerfile
  readonly context: BuildContext
  readonly options: BuildOptions
}

/**
 * Tells the listener of each warning.
 * @throws {BuildError} `CHECK_FAILED` where the Gockerfile says `# check=error=true`, and there are some
 */
export async function reportWarnings(build: CheckedBuild): Promise<void> {
  const warnings = await warningsOf(build)
  for (const { rule, at, text } of warnings) build.options.onEvent?.({ type: 'warning', rule, at, text: `${rule}: ${text}` })
  const { error } = parseCheckDirective(build.gockerfile.directives.check)
  if (!error || warnings.length === 0) return
  const rules = [...new Set(warnings.map(({ rule }) => rule))]
  throw new BuildError('CHECK_FAILED', `checking ${build.source.name}: ${rules.join(', ')} found something, and check=error=true is set`)
}

async function warningsOf({ source, gockerfile, context, options }: CheckedBuild): Promise<Warning[]> {
  const { platform = hostPlatform(), buildArgs = {} } = options
  const wanted = typeof platform === 'string' ? parsePlatform(platform) : platform
  const { globals } = globalVariables(gockerfile, { buildArgs, platform: wanted, target: options.target })
  const names = gockerfile.stages.map(({ from }) => valueIn({ variables: globals }, from.base, gockerfile.directives.escape))
  const configs = await configsOf(options.store, names)
  const baseConfig = (name: string) => configs.get(name)
  const isIgnored = ignoredIn(context)
  return lint(source.text, { gockerfile, platform: wanted, buildArgs, baseConfig, isIgnored }, source.name)
}

async function configsOf(store: Store, names: readonly string[]): Promise<ReadonlyMap<string, ContainerConfig>> {
  const configs = new Map<string, ContainerConfig>()
  for (const name of new Set(names)) {
    const image = await store.images.find(name).catch(ignoreUnreadableName)
    if (image !== undefined) configs.set(name, image.config.config ?? {})
  }
  return configs
}

/** The build refuses it, where it is needed. */
function ignoreUnreadableName(error: unknown): undefined {
  if (!(error instanceof OciError)) throw error
}

/** There without the ignore file, and not with it. */
function ignoredIn({ directory, tree }: BuildContext): (source: string) => boolean {
  const whole = directoryTree(directory)
  return (source) => isThere(whole, source) && !isThere(tree, source)
}

function isThere(tree: SourceTree, pattern: string): boolean {
  try {
    return select(tree, pattern).length > 0
  } catch (error) {
    // A pattern that is none is refused by the build.
    if (error instanceof BuildError) return false
    throw error
  }
}
