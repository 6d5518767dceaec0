import type { ContainerConfig, Descriptor, ImageConfig, Platform } from '@gocker/oci'
import { layerCompression, MEDIA_TYPES } from '@gocker/oci'
import type { StoredImage } from '@gocker/store'
import type { StageNode } from '../graph/stage-graph.ts'
import { DEFAULT_SHELL, environmentOf, type StageState } from './stage-state.ts'
import type { BuildRun } from './step-context.ts'

/** docker's PATH for what has no base to bring one. */
const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** What a stage begins with: an image, an earlier stage, or nothing. */
export async function baseState({ base }: StageNode, build: BuildRun, platform: Platform): Promise<StageState> {
  if (base.kind === 'stage') return inherited(await build.stage(base.index))
  if (base.kind === 'scratch') return emptyState(platform, build)
  return imageState(await build.image(base.name, platform))
}

/** Everything goes on, ARGs too; but a CMD is the base's now. */
function inherited(state: StageState): StageState {
  return { ...state, ownCmd: false }
}

function emptyState(platform: Platform, build: BuildRun): StageState {
  const { sourceDateEpoch } = build.options
  const created = new Date((sourceDateEpoch ?? 0) * 1000).toISOString()
  const config = withPath({ WorkingDir: '/' })
  const fresh = { layers: [], history: [], variables: environmentOf(config), args: new Set<string>(), ownCmd: false, shell: DEFAULT_SHELL }
  return { platform, config, created, ...fresh }
}

/** What a build on this image begins with. */
export function imageState({ manifest, config }: Pick<StoredImage, 'manifest' | 'config'>): StageState {
  const own = withPath(config.config ?? {})
  const layers = config.rootfs.diff_ids.map((diffID, index) => ({ diffID, descriptor: ociLayer(manifest.layers[index] as Descriptor) }))
  return {
    platform: platformOf(config),
    config: own,
    ...(config.author !== undefined && { author: config.author }),
    layers,
    history: config.history ?? [],
    created: config.created ?? new Date(0).toISOString(),
    variables: environmentOf(own),
    args: new Set(),
    ownCmd: false,
    shell: own.Shell ?? DEFAULT_SHELL,
  }
}

/** As BuildKit has it, every image that is built has a PATH. */
function withPath(config: ContainerConfig): ContainerConfig {
  return environmentOf(config).has('PATH') ? config : { ...config, Env: [...(config.Env ?? []), DEFAULT_PATH] }
}

/** An image of ours is OCI's throughout: docker's layer media types become OCI's for the same bytes. */
function ociLayer({ mediaType, digest, size }: Descriptor): Descriptor {
  const types = { none: MEDIA_TYPES.ociLayer, gzip: MEDIA_TYPES.ociLayerGzip, zstd: MEDIA_TYPES.ociLayerZstd }
  const compression = layerCompression(mediaType)
  return { mediaType: compression === undefined ? mediaType : types[compression], digest, size }
}

function platformOf({ os, architecture, variant }: ImageConfig): Platform {
  return { os, architecture, ...(variant !== undefined && { variant }) }
}
