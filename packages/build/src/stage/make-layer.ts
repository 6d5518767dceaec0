import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageMount } from '@gocker/kernel'
import { MEDIA_TYPES } from '@gocker/oci'
import type { LayerDraft, Store } from '@gocker/store'
import type { LayerThreads } from '../layer-thread/layer-threads.ts'
import type { BuiltLayer } from './built-layer.ts'
import { clampTimes, setTimesTo } from './clamp-times.ts'
import { takeAttributes } from './take-attributes.ts'

/** An overlay that is not mounted yet: whoever changes the stage mounts it in a namespace of its own. */
export interface StageDirectories {
  /** Top first; at least one. */
  readonly lowers: readonly string[]
  /** Of these, the layers that are images. */
  readonly images: readonly ImageMount[]
  /** What is written lands here, and becomes the layer. */
  readonly upper: string
  readonly work: string
  /** An empty directory to mount on. */
  readonly target: string
}

/** With a date for all that is built: nothing is younger, or everything has that time. */
export interface LayerTimes {
  /** Since 1970. */
  readonly seconds: number
  readonly everything: boolean
}

interface MakeLayerOptions {
  readonly store: Store
  /** Top first; none for `FROM scratch`. */
  readonly lowers: readonly string[]
  readonly times?: LayerTimes | undefined
  readonly signal: AbortSignal
  readonly threads: LayerThreads
}

/**
 * Lets `make` write into an overlay, and keeps what it wrote as a layer.
 * @returns the layer; nothing when nothing was written
 */
export async function makeLayer(
  options: MakeLayerOptions,
  make: (directories: StageDirectories, threads: LayerThreads) => Promise<void>,
): Promise<BuiltLayer | undefined> {
  const { store, lowers, times, threads } = options
  const draft = await store.layers.draft()
  const scratch = await store.layers.draft()
  try {
    const [work, target, nothing] = ['work', 'target', 'nothing'].map((name) => join(scratch.dir, name)) as [string, string, string]
    for (const directory of [work, target, nothing]) await mkdir(directory)
    if (lowers[0] !== undefined) takeAttributes(lowers[0], draft.dir)
    const images = store.layers.images(lowers)
    await make({ lowers: lowers.length === 0 ? [nothing] : lowers, images, upper: draft.dir, work, target }, threads)
    if (times !== undefined) (times.everything ? setTimesTo : clampTimes)(draft.dir, times.seconds)
    return await commitLayer(options, draft)
  } finally {
    await draft.abort()
    await scratch.abort()
  }
}

/** The tar is written once, as it is hashed; it is compressed when it leaves. */
async function commitLayer({ store, signal, threads }: MakeLayerOptions, draft: LayerDraft): Promise<BuiltLayer | undefined> {
  if ((await readdir(draft.dir)).length === 0) return undefined
  const writer = await store.blobs.writer({ signal })
  try {
    const packed = await threads.pack(draft.dir, signal, (chunk) => writer.write(chunk))
    if (packed.entries === 0) return undefined
    const digest = await writer.commit()
    await draft.commit(packed.diffID)
    return { diffID: packed.diffID, descriptor: { mediaType: MEDIA_TYPES.ociLayer, digest, size: packed.size } }
  } finally {
    await writer.abort()
  }
}
