import { writeFileSync } from 'node:fs'
import { type BuildOutput, check, parseOutput, type Warning } from '@gocker/build'
import { openStore, type StoredImage } from '@gocker/store'
import type { Command } from 'commander'
import { addBuildFlags, type BuildFlags, buildOptions } from '../build-flags.ts'
import { builtAndWritten } from '../build-output.ts'
import { interruptible } from '../interrupt.ts'
import { buildProgress } from '../terminal/build-progress.ts'

export function define(command: Command): void {
  addBuildFlags(
    command.argument(
      '<path>',
      'the context: a directory, a git repository, the URL of an archive, or - for an archive or a Gockerfile on stdin',
    ),
  )
  command
    .addHelpText(
      'after',
      '\nExamples:\n  gocker build -t hello .\n  gocker build --network host --build-arg VERSION=3 -f Gockerfile.test .\n  gocker build https://host/project.git#main:docker',
    )
    .action(buildImage)
}

async function buildImage(context: string, flags: BuildFlags): Promise<void> {
  const store = await openStore()
  const options = { store, ...(await buildOptions(context, flags)) }
  if (flags.check === true) return printWarnings(await check({ ...options, ...firstPlatform(flags) }))
  const output = outputOf(flags)
  const progress = await buildProgress(flags.quiet === true ? 'quiet' : flags.progress)
  try {
    const [image, ...others] = await interruptible((signal) =>
      builtAndWritten({ ...options, signal, onEvent: progress.onEvent }, output, {
        quiet: flags.quiet === true || flags.progress === 'quiet',
      }),
    )
    progress.stop()
    if (flags.iidfile !== undefined) writeFileSync(flags.iidfile, image.id)
    if (flags.metadataFile !== undefined)
      writeFileSync(flags.metadataFile, `${JSON.stringify(metadataOf(image, flags.tag), undefined, 2)}\n`)
    // What goes to stdout is not to be mixed with anything.
    const isStdoutTaken = output !== undefined && output.type !== 'local' && output.type !== 'registry' && output.dest === undefined
    if (!isStdoutTaken) for (const { id } of [image, ...others]) console.log(id)
  } finally {
    progress.stop()
  }
}

function outputOf({ output, push }: BuildFlags): BuildOutput | undefined {
  if (push === true) return { type: 'registry' }
  return output === undefined ? undefined : parseOutput(output)
}

/** The text is the same for all. */
function firstPlatform({ platform }: BuildFlags): { platform?: string } {
  const [first] = platform?.split(',') ?? []
  return first === undefined ? {} : { platform: first }
}

function printWarnings(warnings: readonly Warning[]): void {
  for (const { rule, at, text } of warnings) console.log(`${at.file}:${at.line}: ${rule}: ${text}`)
  if (warnings.length > 0) process.exitCode = 1
}

/** @see https://docs.docker.com/reference/cli/docker/buildx/build/#metadata-file */
function metadataOf({ id, descriptor, references }: StoredImage, tags: readonly string[]): object {
  return {
    'containerimage.config.digest': id,
    'containerimage.descriptor': descriptor,
    'containerimage.digest': descriptor.digest,
    ...(tags.length > 0 && { 'image.name': references.join(',') }),
  }
}
