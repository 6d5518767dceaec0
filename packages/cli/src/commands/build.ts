import { writeFile } from 'node:fs/promises'
import { build, check, type Warning } from '@gocker/build'
import { openStore } from '@gocker/store'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { interruptible } from '../interrupt.ts'
import { collect } from '../option-values.ts'
import { buildProgress, type ProgressStyle } from '../terminal/build-progress.ts'

interface BuildFlags {
  readonly tag: readonly string[]
  readonly file?: string
  readonly buildArg: readonly string[]
  readonly label: readonly string[]
  readonly cache: boolean
  readonly check?: true
  readonly target?: string
  readonly platform?: string
  readonly network: 'none' | 'host'
  readonly pull?: true
  readonly insecure?: true
  readonly iidfile?: string
  readonly progress: ProgressStyle
  readonly quiet?: true
}

export function define(command: Command): void {
  command
    .argument('<path>', 'the context: the directory whose files COPY and ADD may take')
    .option('-t, --tag <name>', 'NAME[:TAG] of the image; may be given several times', collect, [])
    .option('-f, --file <file>', 'the Gockerfile (default: Gockerfile, then Dockerfile in the context)')
    .option('--build-arg <name[=value]>', "an ARG's value; without one it is taken from the environment", collect, [])
    .option('--label <name=value>', 'one more label', collect, [])
    .option('--check', 'say what in the Gockerfile is likely not meant, and build nothing; ends with 1 where there is something')
    .option('--no-cache', 'run every step, whatever is known of it')
    .option('--target <stage>', 'the stage to build (default: the last)')
    .option('--platform <os/arch[/variant]>', 'the platform to build for')
    .addOption(new Option('--network <mode>', 'network of RUN').choices(['none', 'host']).default('none'))
    .option('--pull', 'ask the registry for the base images even where they are here')
    .option('--insecure', 'allow plain http and certificates that cannot be verified for registries')
    .option('--iidfile <file>', "write the image's id to a file")
    .addOption(new Option('--progress <style>', 'how to show what is done').choices(['auto', 'plain', 'quiet']).default('auto'))
    .option('-q, --quiet', "print the image's id alone")
    .addHelpText(
      'after',
      '\nExamples:\n  gocker build -t hello .\n  gocker build --network host --build-arg VERSION=3 -f Gockerfile.test .',
    )
    .action(buildImage)
}

async function buildImage(context: string, flags: BuildFlags): Promise<void> {
  const store = await openStore()
  if (flags.check === true) return printWarnings(await check({ store, context, ...optionsOf(flags) }))
  const progress = await buildProgress(flags.quiet === true ? 'quiet' : flags.progress)
  try {
    const image = await interruptible((signal) => build({ store, context, ...optionsOf(flags), signal, onEvent: progress.onEvent }))
    progress.stop()
    if (flags.iidfile !== undefined) await writeFile(flags.iidfile, image.id)
    console.log(image.id)
  } finally {
    progress.stop()
  }
}

function printWarnings(warnings: readonly Warning[]): void {
  for (const { rule, at, text } of warnings) console.log(`${at.file}:${at.line}: ${rule}: ${text}`)
  if (warnings.length > 0) process.exitCode = 1
}

function optionsOf({ tag, file, buildArg, label, cache, target, platform, network, pull, insecure }: BuildFlags) {
  return {
    tags: tag,
    buildArgs: Object.fromEntries(buildArg.flatMap(buildArgument)),
    labels: Object.fromEntries(label.map(pair)),
    noCache: !cache,
    network,
    ...(file !== undefined && { file }),
    ...(target !== undefined && { target }),
    ...(platform !== undefined && { platform }),
    ...(pull !== undefined && { pull }),
    ...(insecure !== undefined && { insecure }),
    ...sourceDateEpoch(),
  }
}

function buildArgument(text: string): [name: string, value: string][] {
  if (text.includes('=')) return [pair(text)]
  const value = process.env[text]
  return value === undefined ? [] : [[text, value]]
}

function pair(text: string): [name: string, value: string] {
  const equals = text.indexOf('=')
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)]
}

/** @see https://reproducible-builds.org/specs/source-date-epoch/ */
function sourceDateEpoch(): { sourceDateEpoch?: number } {
  const text = process.env.SOURCE_DATE_EPOCH
  if (text === undefined || text === '') return {}
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`SOURCE_DATE_EPOCH is ${JSON.stringify(text)}, not seconds since 1970`)
  return { sourceDateEpoch: Number(text) }
}
