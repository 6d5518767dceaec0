import { OciError } from './error.ts'

/** @see https://github.com/opencontainers/image-spec/blob/main/image-index.md#image-index-property-descriptions */
export interface Platform {
  readonly os: string
  /** Go's names: amd64, arm64, arm, 386, ... */
  readonly architecture: string
  /** v6, v7, v8, ... */
  readonly variant?: string
  readonly 'os.version'?: string
  readonly 'os.features'?: readonly string[]
}

/** `uname -m` and other habits, to Go's architecture and variant. */
const ARCHITECTURES = new Map<string, readonly [architecture: string, variant?: string]>(
  Object.entries({
    x86_64: ['amd64'],
    'x86-64': ['amd64'],
    x64: ['amd64'],
    i386: ['386'],
    i486: ['386'],
    i686: ['386'],
    ia32: ['386'],
    aarch64: ['arm64'],
    armhf: ['arm', 'v7'],
    armel: ['arm', 'v6'],
    armv6l: ['arm', 'v6'],
    armv7l: ['arm', 'v7'],
  } as const),
)

/** The variant that is meant where none is written, and that is not written in a normal form. */
const DEFAULT_VARIANTS = new Map([
  ['arm', 'v7'],
  ['arm64', 'v8'],
])

/** The platform of this machine. */
export function hostPlatform(): Platform {
  return normalise('linux', process.arch)
}

/**
 * Reads `linux/arm64`, `linux/arm/v7`, `arm64` or `linux`.
 * @throws {OciError} `INVALID_PLATFORM`
 */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/')
  if (parts.length > 3 || parts.some((part) => !/^[A-Za-z0-9_.-]+$/.test(part)))
    throw new OciError('INVALID_PLATFORM', `reading platform ${JSON.stringify(text)}: not os/architecture[/variant]`)
  const [first = '', second, variant] = parts
  if (second !== undefined) return normalise(first, second, variant)
  return first === 'linux' ? hostPlatform() : normalise('linux', first)
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/')
}

/**
 * Chooses what runs on `wanted`: the same variant first, then for arm the newest variant that is older.
 * @throws {OciError} `NO_MATCHING_PLATFORM`, naming what there is
 */
export function choosePlatform<T extends { readonly platform?: Platform }>(candidates: readonly T[], wanted: Platform): T {
  const best = candidates
    .map((candidate) => ({ candidate, distance: distance(candidate.platform, wanted) }))
    .filter(({ distance }) => distance !== undefined)
    .sort((a, b) => (a.distance ?? 0) - (b.distance ?? 0))[0]
  if (best !== undefined) return best.candidate
  const known = candidates.flatMap(({ platform }) =>
    platform === undefined || platform.os === 'unknown' ? [] : [formatPlatform(platform)],
  )
  throw new OciError(
    'NO_MATCHING_PLATFORM',
    `choosing ${formatPlatform(wanted)}: the image is made for ${known.join(', ') || 'no platform it names'}`,
    {
      hint: known.length > 0 ? `choose one with --platform ${known[0]}` : 'the index has no image manifest',
    },
  )
}

/** 0 for the very platform, more the further off, `undefined` where it cannot run. */
function distance(platform: Platform | undefined, wanted: Platform): number | undefined {
  if (platform === undefined) return undefined
  const offered = normalise(platform.os, platform.architecture, platform.variant)
  if (offered.os !== wanted.os || offered.architecture !== wanted.architecture) return undefined
  const variants = [offered, wanted].map(({ architecture, variant }) =>
    Number((variant ?? DEFAULT_VARIANTS.get(architecture) ?? 'v0').slice(1)),
  )
  const [have = 0, want = 0] = variants
  return have > want ? undefined : want - have
}

function normalise(os: string, architecture: string, variant?: string): Platform {
  const [name, implied] = ARCHITECTURES.get(architecture.toLowerCase()) ?? [architecture.toLowerCase()]
  const chosen = (variant ?? implied)?.replace(/^(?=\d)/, 'v')
  const isDefault = name === 'arm64' && chosen === DEFAULT_VARIANTS.get(name)
  const kept = name === 'arm' ? (chosen ?? DEFAULT_VARIANTS.get(name)) : isDefault ? undefined : chosen
  return { os: os.toLowerCase(), architecture: name, ...(kept !== undefined && { variant: kept }) }
}
