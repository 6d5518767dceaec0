import { readFileSync } from 'node:fs'
import { openCgroup } from '@gocker/kernel'
import { type ContainerConfig, parseImageConfig, parseManifest, parseReference, type RuntimeSpec } from '@gocker/oci'
import { containerStatus, effectiveConfig } from '@gocker/run'
import { type ContainerRecord, cgroupPath, type Store, type StoredImage } from '@gocker/store'
import { BuildError } from '../error.ts'
import { writeImage } from '../image/write-image.ts'
import { imageState } from '../stage/base-state.ts'
import type { BuiltLayer } from '../stage/built-layer.ts'
import { environmentOf, type StageState } from '../stage/stage-state.ts'
import { applyChanges } from './apply-changes.ts'
import { containerLayer } from './container-layer.ts'

export interface CommitOptions {
  readonly store: Store
  /** Id, name, or the beginning of an id. */
  readonly container: string
  /** The image's name; without one it has its id alone. */
  readonly reference?: string | undefined
  readonly author?: string | undefined
  /** The comment in the image's history. */
  readonly message?: string | undefined
  /** Instructions of the Gockerfile's language that change the config: `CMD ["sh"]`, `ENV A=b`, ... */
  readonly changes?: readonly string[] | undefined
  /** A running container stands still meanwhile, so that its files fit together. True unless given. */
  readonly pause?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Makes an image of a container, as `docker commit` does: the layers of its image, what it has done to its files as one more, and the config
 * with what it was asked to be over the image's. What is mounted in it is not part of it.
 * @throws {BuildError} `SYNTAX`, `INVALID_OPTION`; {PullError} `FILE_CHANGED`, ...; {StoreError} `NOT_FOUND`; {OciError} `INVALID_REFERENCE`
 * @see https://docs.docker.com/reference/cli/docker/container/commit/
 */
export async function commitContainer({ signal = new AbortController().signal, ...options }: CommitOptions): Promise<StoredImage> {
  const { store, reference, changes = [], pause = true } = options
  if (reference !== undefined) parseReference(reference)
  const record = await store.containers.get(options.container)
  const work = async () => {
    const base = await stateOfContainer(store, record)
    const layer = await whileStill(store, record, pause, () => containerLayer(store, record, signal))
    return await writeImage(
      store,
      committed(base, { ...options, layer, config: applyChanges(base, changes).config }),
      reference === undefined ? [] : [reference],
    )
  }
  // Neither started nor removed meanwhile.
  return await store.keeping(() => store.containers.hold(record.id, work, { signal }), { signal })
}

/** The image that the container was made of, which may have lost its names since, with the container's own settings. */
async function stateOfContainer(store: Store, record: ContainerRecord): Promise<StageState> {
  if (record.image === undefined) throw new BuildError('INVALID_OPTION', `committing container ${record.name}: it was not made of an image`)
  const document = parseManifest(await store.blobs.read(record.image.manifest))
  if (document.kind !== 'manifest') throw new BuildError('INVALID_OPTION', `committing container ${record.name}: its image is an index`)
  const { manifest } = document
  const state = imageState({ manifest, config: parseImageConfig(await store.blobs.read(manifest.config.digest)) })
  const spec = JSON.parse(readFileSync(store.paths.bundle(record.id).config, 'utf8')) as RuntimeSpec
  const config = effectiveConfig(state.config, record, spec)
  return { ...state, config, variables: environmentOf(config) }
}

/** Whoever paused it before finds it paused. */
async function whileStill<T>(store: Store, record: ContainerRecord, pause: boolean, work: () => Promise<T>): Promise<T> {
  const { status } = await containerStatus(store, record)
  if (!pause || status !== 'running') return await work()
  const cgroup = openCgroup((await store.containers.readState(record.id))?.cgroup ?? cgroupPath(record.id))
  await cgroup.freeze()
  try {
    return await work()
  } finally {
    await cgroup.thaw()
  }
}

interface Commit extends Pick<CommitOptions, 'author' | 'message'> {
  readonly layer: BuiltLayer | undefined
  readonly config: ContainerConfig
}

/** One line of history, whatever was changed: the command that the container ran. */
function committed({ author: _, ...base }: StageState, { author, message, layer, config }: Commit): StageState {
  const created = new Date().toISOString()
  const entry = {
    created,
    created_by: (base.config.Cmd ?? []).join(' '),
    ...(author !== undefined && { author }),
    ...(message !== undefined && { comment: message }),
    ...(layer === undefined && { empty_layer: true }),
  }
  const layers = layer === undefined ? base.layers : [...base.layers, layer]
  return { ...base, ...(author !== undefined && { author }), created, config, layers, history: [...base.history, entry] }
}
