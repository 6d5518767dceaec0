import type { RuntimeMount } from '@gocker/oci'
import type { ImageRequest } from '@gocker/run'
import type { ContainerView } from './container.ts'

/** A mount of a container that was asked for, as docker describes it. */
export interface MountDocument {
  readonly Type: 'volume' | 'bind' | 'tmpfs' | 'image'
  /** Of a volume, or an image. */
  readonly Name?: string
  readonly Source: string
  readonly Destination: string
  readonly Driver?: 'local'
  readonly Mode: string
  readonly RW: boolean
  readonly Propagation: string
}

/** What is mounted in a container because somebody asked for it, or its image did. */
export function mountsOf({ spec, record, settings }: Pick<ContainerView, 'spec' | 'record' | 'settings'>): MountDocument[] {
  const named = new Map(settings.mounts?.map((mount) => [mount.destination, mount.type === 'volume' ? mount.name : undefined]))
  const images = (settings.mounts ?? []).filter((mount) => mount.type === 'image').map((mount) => imageDocument(mount, record))
  const others = (spec?.mounts ?? []).flatMap((mount) => documentOf(mount, { bundle: record.dir, name: named.get(mount.destination) }))
  return [...others, ...images]
}

/** The files have no path on the host: what they are of is told instead. */
function imageDocument({ source, destination, readOnly }: ImageRequest, { mountedImages = [] }: ContainerView['record']): MountDocument {
  const id = mountedImages.find(({ name }) => name === source)?.id ?? ''
  return { Type: 'image', Name: source, Source: id, Destination: destination, Mode: '', RW: !readOnly, Propagation: 'rprivate' }
}

function documentOf(mount: RuntimeMount, { bundle, name }: { bundle: string; name: string | undefined }): MountDocument[] {
  const { destination, type, source = '', options = [] } = mount
  const RW = !options.includes('ro') && !options.includes('rro')
  const common = { Destination: destination, Mode: RW ? '' : 'ro', RW }
  if (type === 'tmpfs') return SYSTEM.has(destination) ? [] : [{ Type: 'tmpfs', Source: '', ...common, Propagation: '' }]
  if (type !== 'bind') return []
  const volume = name ?? anonymousName(source, bundle)
  if (volume !== undefined) return [{ Type: 'volume', Name: volume, Source: source, ...common, Driver: 'local', Propagation: '' }]
  // Its hosts and resolv.conf are not worth a word.
  if (source.startsWith(`${bundle}/`)) return []
  const Propagation = options.find((option) => /^r?(?:private|shared|slave)$/.test(option)) ?? 'rprivate'
  return [{ Type: 'bind', Source: source, ...common, Propagation }]
}

/** The system has file systems in memory of its own. */
const SYSTEM = new Set(['/dev', '/dev/shm'])

/** Volumes without a name lie in their container. */
function anonymousName(source: string, bundle: string): string | undefined {
  const [, number] = source.startsWith(`${bundle}/`) ? (/^volumes\/(\d+)/.exec(source.slice(bundle.length + 1)) ?? []) : []
  return number === undefined ? undefined : `${bundle.split('/').at(-1)}-${number}`
}
