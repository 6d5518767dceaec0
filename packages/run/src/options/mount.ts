import { resolve } from 'node:path'
import { normalize } from 'node:path/posix'
import { invalidOption } from '../error.ts'
import { splitCommas } from './comma-separated.ts'
import { readDestination, readVolumeName } from './destination.ts'
import { parseLabel, splitKeyValue } from './key-value.ts'
import { parseMemory } from './memory.ts'
import { isPropagation, type MountRequest, PROPAGATIONS } from './mount-request.ts'
import { checkVolumeDriver } from './volume-driver.ts'

const ALL = ['bind', 'volume', 'tmpfs', 'image'] as const

/** Each option's first name, and for which types it is. */
const OPTIONS: Readonly<Record<string, readonly [name: string, ...types: readonly string[]]>> = {
  type: ['type'],
  source: ['source', 'bind', 'volume', 'image'],
  src: ['source', 'bind', 'volume', 'image'],
  target: ['target', ...ALL],
  destination: ['target', ...ALL],
  dst: ['target', ...ALL],
  readonly: ['readonly', ...ALL],
  ro: ['readonly', ...ALL],
  consistency: ['consistency', ...ALL],
  'bind-propagation': ['bind-propagation', 'bind'],
  'bind-recursive': ['bind-recursive', 'bind'],
  'bind-nonrecursive': ['bind-nonrecursive', 'bind'],
  'bind-create-src': ['bind-create-src', 'bind'],
  'volume-nocopy': ['volume-nocopy', 'volume'],
  'volume-subpath': ['volume-subpath', 'volume'],
  'volume-driver': ['volume-driver', 'volume'],
  'volume-label': ['volume-label', 'volume'],
  'volume-opt': ['volume-opt', 'volume'],
  'tmpfs-size': ['tmpfs-size', 'tmpfs'],
  'tmpfs-mode': ['tmpfs-mode', 'tmpfs'],
  'image-subpath': ['subpath', 'image'],
  subpath: ['subpath', 'image'],
  rw: ['rw', 'image'],
  readwrite: ['rw', 'image'],
}

/** May be given several times, each `name=value`. */
const PAIRS = new Set(['volume-label', 'volume-opt'])

interface Fields {
  readonly single: ReadonlyMap<string, string>
  readonly pairs: readonly { readonly name: string; readonly value: string }[]
}

/**
 * Reads `--mount`: `type=bind,source=/host,target=/container,readonly`.
 * @throws {RunError} `INVALID_OPTION`
 * @see https://docs.docker.com/reference/cli/docker/container/run/#mount
 */
export function parseMountOption(text: string): MountRequest {
  const fields = readFields(text)
  const type = fields.single.get('type') ?? 'volume'
  const destination = readDestination(fields.single.get('target') ?? '', 'mount', text)
  const readOnly = readFlag(fields, 'readonly', text)
  switch (type) {
    case 'bind':
      return { type, destination, readOnly, ...readBind(fields, text) }
    case 'volume':
      return { type, destination, readOnly, ...readVolume(fields, text) }
    case 'tmpfs':
      return { type, destination, options: readTmpfs(fields, readOnly, text) }
    case 'image':
      return { type, destination, ...readImage(fields, readOnly, text) }
    default:
      throw invalidOption('mount', text, `no type is called ${JSON.stringify(type)}`, 'there are bind, volume, tmpfs and image')
  }
}

function readFields(text: string): Fields {
  const pairs = splitCommas(text, 'mount').map((field) => {
    const { key, value = 'true' } = splitKeyValue(field)
    const [name, ...types] = OPTIONS[key.toLowerCase()] ?? []
    if (name === undefined) throw invalidOption('mount', text, `no option is called ${JSON.stringify(key)}`)
    return { name, value, types }
  })
  const type = pairs.find(({ name }) => name === 'type')?.value ?? 'volume'
  const foreign = pairs.find(({ types }) => types.length > 0 && !types.includes(type))
  if (foreign !== undefined && Object.values(OPTIONS).some(([, ...types]) => types.includes(type)))
    throw invalidOption('mount', text, `${foreign.name} is not for type ${type}`)
  return { single: new Map(pairs.map(({ name, value }) => [name, value])), pairs: pairs.filter(({ name }) => PAIRS.has(name)) }
}

function readFlag(fields: Fields, name: string, text: string): boolean {
  const value = fields.single.get(name) ?? 'false'
  if (/^(?:true|1)$/.test(value)) return true
  if (/^(?:false|0)$/.test(value)) return false
  throw invalidOption('mount', text, `${name} is ${JSON.stringify(value)}, neither true nor false`)
}

function readVolume(fields: Fields, text: string) {
  const source = fields.single.get('source') ?? ''
  const name = source === '' ? undefined : readVolumeName(source, 'mount', text)
  checkVolumeDriver(fields.single.get('volume-driver') ?? '')
  const subpath = fields.single.get('volume-subpath')
  const copy = !readFlag(fields, 'volume-nocopy', text)
  const made = { ...readPairs(fields, 'volume-label', 'labels'), ...readPairs(fields, 'volume-opt', 'options') }
  const [forNamed] = [...(subpath === undefined ? [] : ['volume-subpath']), ...fields.pairs.map((pair) => pair.name)]
  if (name === undefined && forNamed !== undefined) throw invalidOption('mount', text, `${forNamed} is for named volumes`)
  if (subpath === undefined) return { name, copy, ...made }
  if (!isBelow(subpath)) throw invalidOption('mount', text, `volume-subpath ${JSON.stringify(subpath)} does not lie below the volume`)
  return { name, copy, ...made, subpath: normalize(subpath) }
}

function readPairs<Key extends string>({ pairs }: Fields, name: string, key: Key): Partial<Record<Key, Record<string, string>>> {
  const given = pairs.filter((pair) => pair.name === name).map(({ value }) => parseLabel(value))
  return given.length === 0 ? {} : ({ [key]: Object.fromEntries(given) } as Record<Key, Record<string, string>>)
}

/** docker's `image-subpath`, and podman's `subpath` and `rw`. */
function readImage(fields: Fields, readOnly: boolean, text: string) {
  const source = fields.single.get('source') ?? ''
  if (source === '') throw invalidOption('mount', text, 'the image is missing', 'name it: source=debian')
  const isWritable = readFlag(fields, 'rw', text)
  if (isWritable && readOnly) throw invalidOption('mount', text, 'both readonly and rw')
  const subpath = fields.single.get('subpath')?.replace(/^\/+/, '')
  if (subpath === undefined) return { source, readOnly: !isWritable }
  if (!isBelow(subpath)) throw invalidOption('mount', text, `subpath ${JSON.stringify(subpath)} does not lie in the image`)
  return { source, readOnly: !isWritable, subpath: normalize(subpath) }
}

function isBelow(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.split('/').includes('..')
}

function readBind(fields: Fields, text: string) {
  const source = fields.single.get('source') ?? ''
  if (!/^[./]/.test(source)) throw invalidOption('mount', text, 'a bind needs an absolute source, or one that begins with ./')
  const propagation = fields.single.get('bind-propagation') ?? 'rprivate'
  if (!isPropagation(propagation))
    throw invalidOption('mount', text, `no propagation is called ${JSON.stringify(propagation)}`, `there are ${PROPAGATIONS.join(', ')}`)
  return { source: resolve(source), propagation, ...readDepth(fields, text), createSource: readFlag(fields, 'bind-create-src', text) }
}

/** What becomes of mounts below the source. Those of a read-only bind are read-only, too, unless `writable` is asked for. */
function readDepth(fields: Fields, text: string): { recursive: boolean; writableBelow?: true } {
  const depth = fields.single.get('bind-recursive') ?? 'enabled'
  if (!DEPTHS.has(depth))
    throw invalidOption('mount', text, `bind-recursive is ${JSON.stringify(depth)}`, 'there are enabled, disabled, writable and readonly')
  const needs = (what: string) => invalidOption('mount', text, `bind-recursive=${depth} needs ${what}`)
  if ((depth === 'writable' || depth === 'readonly') && !readFlag(fields, 'readonly', text)) throw needs('readonly')
  if (depth === 'readonly' && (fields.single.get('bind-propagation') ?? 'rprivate') !== 'rprivate') throw needs('bind-propagation=rprivate')
  const recursive = !['disabled', 'false', '0'].includes(depth) && !readFlag(fields, 'bind-nonrecursive', text)
  return depth === 'writable' ? { recursive, writableBelow: true } : { recursive }
}

const DEPTHS = new Set(['enabled', 'true', '1', 'disabled', 'false', '0', 'writable', 'readonly'])

function readTmpfs(fields: Fields, readOnly: boolean, text: string): string[] {
  const size = fields.single.get('tmpfs-size')
  const mode = fields.single.get('tmpfs-mode')
  if (mode !== undefined && !/^[0-7]{1,5}$/.test(mode))
    throw invalidOption('mount', text, `tmpfs-mode ${JSON.stringify(mode)} is not octal`)
  return [
    'nosuid',
    'nodev',
    'noexec',
    ...(readOnly ? ['ro'] : []),
    ...(size === undefined ? [] : [`size=${parseMemory(size, 'tmpfs-size')}`]),
    ...(mode === undefined ? [] : [`mode=${mode}`]),
  ]
}
