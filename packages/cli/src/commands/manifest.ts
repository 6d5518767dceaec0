import { formatReference, type Platform, parseReference } from '@gocker/oci'
import { annotateManifestList, createManifestList, inspectManifest, pushManifestList } from '@gocker/pull'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { type AuthFileFlag, addAuthFileFlag, authEnvironment } from '../auth-file-flag.ts'
import { interruptible } from '../interrupt.ts'
import { collect } from '../option-values.ts'
import { pushProgress } from '../terminal/push-progress.ts'

interface RegistryFlags extends AuthFileFlag {
  readonly insecure?: true
}

export function define(group: Command): void {
  group.addHelpText('after', '\nExample:\n  gocker manifest create me/app me/app:amd64 me/app:arm64')
  defineInspect(registryFlags(member(group, 'inspect', 'Show a manifest or an index as it is')))
  defineCreate(registryFlags(member(group, 'create', 'Make an index, and keep it here')))
  defineAnnotate(member(group, 'annotate', 'Say what an image is for'))
  definePush(registryFlags(member(group, 'push', 'Bring an index to its registry')))
  member(group, 'rm', 'Forget indexes that are kept here')
    .argument('<lists...>', 'names')
    .addHelpText('after', '\nExample:\n  gocker manifest rm ghcr.io/o/app:1')
    .action(remove)
}

function member(group: Command, name: string, summary: string): Command {
  return group.command(name).summary(summary).description(summary)
}

function registryFlags(command: Command): Command {
  return addAuthFileFlag(command.option('--insecure', 'allow plain http and certificates that cannot be verified'))
}

function optionsOf({ insecure, ...flags }: RegistryFlags) {
  return { insecure, environment: authEnvironment(flags) }
}

function defineInspect(command: Command): void {
  command
    .argument('<list>', 'an index that is kept here, or what a registry has')
    .argument('[manifest]', 'one of the index: the name that it was made with, or a digest')
    .option('-v, --verbose', 'with descriptors, and the manifests of an index')
    .addHelpText('after', '\nExample:\n  gocker manifest inspect debian')
    .action(inspect)
}

async function inspect(
  name: string,
  manifest: string | undefined,
  { verbose, ...flags }: RegistryFlags & { verbose?: true },
): Promise<void> {
  const store = await openStore()
  const found = await interruptible((signal) => inspectManifest({ store, name, manifest, ...optionsOf(flags), signal }))
  if (verbose !== true) return console.log(JSON.stringify(found.document, undefined, 3))
  const parts = await found.manifests()
  const shown = (parts.length > 0 ? parts : [found]).map(({ descriptor, document }) => ({
    Ref: name,
    Descriptor: descriptor,
    OCIManifest: document,
  }))
  console.log(JSON.stringify(parts.length > 0 ? shown : shown[0], undefined, 3))
}

function defineCreate(command: Command): void {
  command
    .argument('<list>', 'the name of the index')
    .argument('<manifests...>', 'names of images at registries')
    .option('-a, --amend', 'add to the index that has the name')
    .addHelpText('after', '\nExample:\n  gocker manifest create me/app me/app:amd64 me/app:arm64')
    .action(create)
}

async function create(name: string, manifests: readonly string[], { amend, ...flags }: RegistryFlags & { amend?: true }): Promise<void> {
  const store = await openStore()
  await interruptible((signal) => createManifestList({ store, name, manifests, amend, ...optionsOf(flags), signal }))
  console.log(`Created manifest list ${formatReference(parseReference(name))}`)
}

interface AnnotateFlags {
  readonly os?: string
  readonly arch?: string
  readonly variant?: string
  readonly osVersion?: string
  readonly osFeatures: readonly string[]
}

function defineAnnotate(command: Command): void {
  command
    .argument('<list>', 'the name of the index')
    .argument('<manifest>', 'one of it: the name that it was made with, or a digest')
    .option('--os <name>', 'the operating system')
    .option('--arch <name>', 'the architecture')
    .option('--variant <name>', 'the variant of the architecture')
    .option('--os-version <version>', 'the version of the operating system')
    .option('--os-features <name>', 'what the operating system must have', collect, [])
    .addHelpText('after', '\nExample:\n  gocker manifest annotate --arch arm --variant v7 me/app me/app:arm')
    .action(annotate)
}

async function annotate(name: string, manifest: string, { os, arch, variant, osVersion, osFeatures }: AnnotateFlags): Promise<void> {
  const platform: Partial<Platform> = {
    ...(os !== undefined && { os }),
    ...(arch !== undefined && { architecture: arch }),
    ...(variant !== undefined && { variant }),
    ...(osVersion !== undefined && { 'os.version': osVersion }),
    ...(osFeatures.length > 0 && { 'os.features': osFeatures }),
  }
  await annotateManifestList({ store: await openStore(), name, manifest, platform })
}

function definePush(command: Command): void {
  command
    .description('Bring an index to its registry, and with it the images that are not there')
    .argument('<list>', 'the name of the index')
    .option('-p, --purge', 'forget the index afterwards')
    .option('-q, --quiet', 'print the digest alone')
    .addHelpText('after', '\nExample:\n  gocker manifest push --purge ghcr.io/o/app:1')
    .action(push)
}

async function push(name: string, { purge, quiet, ...flags }: RegistryFlags & { purge?: true; quiet?: true }): Promise<void> {
  const store = await openStore()
  const progress = await pushProgress({ quiet: quiet === true })
  try {
    const { digest } = await interruptible((signal) =>
      pushManifestList({ store, name, ...optionsOf(flags), signal, onEvent: progress.onEvent }),
    )
    if (purge === true) await store.indexes.remove(name)
    progress.stop()
    console.log(digest)
  } finally {
    progress.stop()
  }
}

async function remove(names: readonly string[]): Promise<void> {
  const store = await openStore()
  for (const name of names) await store.indexes.remove(name)
}
