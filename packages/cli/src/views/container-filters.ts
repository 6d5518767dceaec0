import { familiarReference, parseReference } from '@gocker/oci'
import { parseExposedPort } from '@gocker/run'
import type { ContainerRecord, Store } from '@gocker/store'
import { FormatError } from '../format/error.ts'
import { type Filters, fitsLabels, fitsName } from '../format/filters.ts'
import type { ContainerView } from './container.ts'
import { networkNames } from './container-row.ts'
import { mountsOf } from './mounts.ts'
import type { PortBindings } from './ports.ts'

export const CONTAINER_FILTERS = [
  'id',
  'name',
  'label',
  'label!',
  'status',
  'exited',
  'ancestor',
  'network',
  'volume',
  'health',
  'before',
  'since',
  'publish',
  'expose',
]

export interface FilteredContainer {
  readonly view: ContainerView
  readonly ports: PortBindings
}

export type ContainerFilter = (container: FilteredContainer) => boolean

const STATUSES = ['created', 'restarting', 'running', 'removing', 'paused', 'exited', 'dead']
const HEALTHS = ['starting', 'healthy', 'unhealthy', 'none']

/**
 * What the filters ask of a container. What they name (a container, an image) is looked up once.
 * @throws {FormatError}; {StoreError} `NOT_FOUND` for a container before or since which nothing can be, `AMBIGUOUS_ID`
 */
export async function containerFilter(store: Store, filters: Filters): Promise<ContainerFilter> {
  requireOneOf('status', filters.status, STATUSES)
  requireOneOf('health', filters.health, HEALTHS)
  const [before, since] = await Promise.all([createdAt(store, filters.before), createdAt(store, filters.since)])
  const ancestors = await ancestorIds(store, filters.ancestor)
  const tests: ContainerFilter[] = [
    ({ view }) => any(filters.id, (id) => view.record.id.startsWith(id)),
    ({ view }) => fitsName([view.record.name, `/${view.record.name}`], filters.name),
    ({ view }) => fitsLabels(view.record.labels, filters),
    ({ view }) => any(filters.status, (status) => view.now.status === status),
    ({ view }) => any(filters.exited, (code) => view.now.status === 'exited' && view.now.exit?.code === Number(code)),
    ({ view }) => ancestors === undefined || isOf(view.record, ancestors),
    ({ view }) => any(filters.network, (network) => isOn(view, network)),
    ({ view }) => any(filters.volume, (volume) => hasVolume(view, volume)),
    ({ view }) => any(filters.health, (health) => (view.health?.status ?? 'none') === health),
    ({ view }) => before === undefined || view.record.created < before,
    ({ view }) => since === undefined || view.record.created > since,
    ({ ports }) => any(filters.publish, (port) => namesOf(port).some((name) => (ports[name]?.length ?? 0) > 0)),
    ({ ports }) => any(filters.expose, (port) => namesOf(port).some((name) => ports[name] !== undefined)),
  ]
  return (container) => tests.every((test) => test(container))
}

function any(wanted: readonly string[] | undefined, test: (value: string) => boolean): boolean {
  return wanted === undefined || wanted.some(test)
}

function requireOneOf(key: string, values: readonly string[] = [], known: readonly string[]): void {
  const wrong = values.find((value) => !known.includes(value))
  if (wrong !== undefined)
    throw new FormatError(`reading filter "${key}=${wrong}": no ${key} is called so`, { hint: `there are ${known.join(', ')}` })
}

async function createdAt({ containers }: Store, names: readonly string[] | undefined): Promise<string | undefined> {
  const name = names?.at(-1)
  return name === undefined ? undefined : (await containers.get(name)).created
}

interface Ancestor {
  readonly text: string
  readonly id: string | undefined
  /** A container of an image that was made of it counts, too. */
  readonly layers: readonly string[] | undefined
}

async function ancestorIds({ images }: Store, names: readonly string[] | undefined): Promise<Ancestor[] | undefined> {
  if (names === undefined) return undefined
  const found = await Promise.all(names.map((name) => images.find(name)))
  return names.map((text, at) => ({ text, id: found[at]?.id, layers: found[at]?.layers }))
}

function isOf({ image }: ContainerRecord, ancestors: readonly Ancestor[]): boolean {
  if (image === undefined) return false
  return ancestors.some(
    ({ text, id, layers }) =>
      id === image.id ||
      familiar(image.name) === familiar(text) ||
      (layers !== undefined &&
        layers.length > 0 &&
        layers.length < image.layers.length &&
        layers.every((layer, at) => image.layers[at] === layer)),
  )
}

function familiar(name: string): string {
  try {
    return familiarReference(parseReference(name))
  } catch {
    return name
  }
}

function isOn(view: ContainerView, network: string): boolean {
  if (networkNames(view).includes(network)) return true
  return (view.networks?.endpoints ?? []).some(({ networkId }) => networkId.startsWith(network))
}

function hasVolume(view: ContainerView, volume: string): boolean {
  return mountsOf(view).some(({ Name, Source, Destination }) => Name === volume || Source === volume || Destination === volume)
}

function namesOf(text: string): string[] {
  const { first, last, protocol } = parseExposedPort(text)
  return Array.from({ length: last - first + 1 }, (_, at) => `${first + at}/${protocol}`)
}
