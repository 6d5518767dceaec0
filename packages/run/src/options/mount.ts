import { invalidOption } from '../error.ts'
import { splitCommas } from './comma-separated.ts'
import { readDestination, readVolumeName } from './destination.ts'
import { splitKeyValue } from './key-value.ts'
import { parseMemory } from './memory.ts'
import { isPropagation, type MountRequest, PROPAGATIONS } from './mount-request.ts'

/** Each option's first name, and for which types it is. */
const OPTIONS: Readonly<Record<string, readonly [name: string, ...types: readonly string[]]>> = {
  type: ['type'],
  source: ['source', 'bind', 'volume'],
  src: ['source', 'bind', 'volume'],
  target: ['target', 'bind', 'volume', 'tmpfs'],
  destination: ['target', 'bind', 'volume', 'tmpfs'],
  dst: ['target', 'bind', 'volume', 'tmpfs'],
  readonly: ['readonly', 'bind', 'volume', 'tmpfs'],
  ro: ['readonly', 'bind', 'volume', 'tmpfs'],
  consistency: ['consistency', 'bind'],
  'bind-propagation': ['bind-propagation', 'bind'],
  'bind-recursive': ['bind-recursive', 'bind'],
  'bind-nonrecursive': ['bind-nonrecursive', 'bind'],
  'bind-create-src': ['bind-create-src', 'bind'],
  'volume-nocopy': ['volume-nocopy', 'volume'],
  'tmpfs-size': ['tmpfs-size', 'tmpfs'],
  'tmpfs-mode': ['tmpfs-mode', 'tmpfs'],
}

type Fields = ReadonlyMap<string, string>

/**
 * Reads `--mount`: `type=bind,source=/host,target=/container,readonly`.
 * @throws {RunError} `INVALID_OPTION`
 * @see https://docs.docker.com/reference/cli/docker/container/run/#mount
 */
export function parseMountOption(text: string): MountRequest {
  const fields = readFields(text)
  const type = fields.get('type') ?? 'volume'
  const destination = readDestination(fields.get('target') ?? '', 'mount', text)
  const readOnly = readFlag(fields, 'readonly', text)
  switch (type) {
    case 'bind':
      return { type, destination, readOnly, ...readBind(fields, text) }
    case 'volume': {
      const source = fields.get('source')
      const name = source === undefined || source === '' ? undefined : readVolumeName(source, 'mount', text)
      return { type, destination, readOnly, name, copy: !readFlag(fields, 'volume-nocopy', text) }
    }
    case 'tmpfs':
      return { type, destination, options: readTmpfs(fields, readOnly, text) }
    default:
      throw invalidOption('mount', text, `no type is called ${JSON.stringify(type)}`, 'there are bind, volume and tmpfs')
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
  return new Map(pairs.map(({ name, value }) => [name, value]))
}

function readFlag(fields: Fields, name: string, text: string): boolean {
  const value = fields.get(name) ?? 'false'
  if (/^(?:true|1)$/.test(value)) return true
  if (/^(?:false|0)$/.test(value)) return false
  throw invalidOption('mount', text, `${name} is ${JSON.stringify(value)}, neither true nor false`)
}

function readBind(fields: Fields, text: string) {
  const source = fields.get('source') ?? ''
  if (!source.startsWith('/')) throw invalidOption('mount', text, 'a bind needs an absolute source')
  const propagation = fields.get('bind-propagation') ?? 'rprivate'
  if (!isPropagation(propagation))
    throw invalidOption('mount', text, `no propagation is called ${JSON.stringify(propagation)}`, `there are ${PROPAGATIONS.join(', ')}`)
  const depth = fields.get('bind-recursive') ?? 'enabled'
  if (!['enabled', 'true', 'disabled', 'false'].includes(depth))
    throw invalidOption('mount', text, 'bind-recursive is neither enabled nor disabled')
  const recursive = (depth === 'enabled' || depth === 'true') && !readFlag(fields, 'bind-nonrecursive', text)
  return { source, propagation, recursive, createSource: readFlag(fields, 'bind-create-src', text) }
}

function readTmpfs(fields: Fields, readOnly: boolean, text: string): string[] {
  const size = fields.get('tmpfs-size')
  const mode = fields.get('tmpfs-mode')
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
