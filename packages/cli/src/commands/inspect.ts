import { describeNetwork, RunError } from '@gocker/run'
import { openStore, type Store, StoreError } from '@gocker/store'
import { type Command, Option } from 'commander'
import { printDocuments } from '../format/documents.ts'
import { containerDocument } from '../views/documents/container.ts'
import { imageDocument } from '../views/documents/image.ts'
import { networkDocument } from '../views/documents/network.ts'
import { volumeDocument } from '../views/volume.ts'

interface InspectFlags {
  readonly format?: string
  readonly size?: true
  readonly type?: ThingType
}

type ThingType = 'container' | 'image' | 'volume' | 'network'
type Describe = (store: Store, name: string, options: { readonly size: boolean }) => Promise<unknown>

/** In docker's order: of several things of one name the first is meant. */
const DESCRIBED: Readonly<Record<ThingType, Describe>> = {
  container: containerDocument,
  image: async (store, name) => imageDocument(store, await store.images.get(name)),
  network: async (store, name) => networkDocument(await describeNetwork(store, name)),
  volume: async (store, name) => volumeDocument(await store.volumes.get(name)),
}
const TYPES = Object.keys(DESCRIBED) as ThingType[]

export function define(command: Command): void {
  defineInspect(command, undefined)
}

/** @param type of all that can be inspected; each name is looked for everywhere where it is undefined */
export function defineInspect(command: Command, type: 'container' | 'image' | undefined): void {
  command
    .argument('<name...>', `names or ids of ${type === undefined ? 'containers, images, networks and volumes' : `${type}s`}`)
    .option('-f, --format <template>', 'a template, such as {{.State.Status}}, instead of JSON')
  if (type !== 'image') command.option('-s, --size', 'how much containers have written, too')
  if (type === undefined) command.addOption(new Option('--type <type>', 'what the names are').choices(TYPES))
  command
    .addHelpText('after', examples(type))
    .action((names: readonly string[], flags: InspectFlags) => inspect(names, { ...(type !== undefined && { type }), ...flags }))
}

/** What one would want of a container, or of an image. */
function examples(type: 'container' | 'image' | undefined): string {
  const name = ['gocker', type, 'inspect'].filter((word) => word !== undefined).join(' ')
  if (type === 'image') return `\nExample:\n  ${name} --format '{{join .Config.Cmd " "}}' debian`
  const addresses = '{{range $name, $network := .NetworkSettings.Networks}}{{$name}} {{$network.IPAddress}}{{end}}'
  return `\nExamples:\n  ${name} web\n  ${name} --format '${addresses}' web`
}

async function inspect(names: readonly string[], { format, type, size = false as never }: InspectFlags): Promise<void> {
  const store = await openStore()
  const options = { size: size === true }
  await printDocuments(names, (name) => (type === undefined ? describeAny(store, name, options) : DESCRIBED[type](store, name, options)), {
    format,
  })
}

async function describeAny(store: Store, name: string, options: { readonly size: boolean }): Promise<unknown> {
  for (const type of TYPES) {
    const document = await DESCRIBED[type](store, name, options).catch(unlessMissing)
    if (document !== undefined) return document
  }
  throw new StoreError('NOT_FOUND', `finding ${name}: there is none, neither a container nor an image, a network or a volume`, {
    hint: 'gocker ps -a, gocker images, gocker network ls and gocker volume ls list them',
  })
}

/** What is no name of an image may well be one of a network. */
function unlessMissing(error: unknown): undefined {
  if (error instanceof StoreError && error.code === 'NOT_FOUND') return undefined
  if (error instanceof RunError && error.code === 'NO_SUCH_NETWORK') return undefined
  if ((error as { code?: string }).code === 'INVALID_REFERENCE') return undefined
  throw error
}
