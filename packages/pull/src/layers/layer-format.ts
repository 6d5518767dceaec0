import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { openImage } from '@gocker/kernel'
import { type LayerDraft, type LayerForm, type Store, writeFileAtomic } from '@gocker/store'
import { PullError } from '../error.ts'
import { ownSettings } from '../settings/own-settings.ts'
import { ImageWriter } from './erofs/image-writer.ts'
import { LAYER_FORMATS, type LayerFormat } from './layer-formats.ts'
import { type UnpackedLayer, type UnpackLayerOptions, unpackLayer } from './unpack-layer.ts'

/**
 * What new layers are to be: what is asked for, else what GOCKER_LAYER_FORMAT or the settings say, else directories.
 * @throws {PullError} `INVALID_OPTION`, `NOT_PERMITTED` for images that are asked for and cannot be mounted
 */
export async function layerFormat(
  store: Store,
  { asked, environment = process.env }: { readonly asked?: LayerFormat | undefined; readonly environment?: NodeJS.ProcessEnv | undefined },
): Promise<LayerForm> {
  const wanted = asked ?? formatIn(environment.GOCKER_LAYER_FORMAT) ?? (await ownSettings(environment)).layerFormat
  if (wanted === undefined || wanted === 'directory') return 'directory'
  if (await mountsImages(store)) return 'erofs'
  if (wanted === 'auto') return 'directory'
  throw new PullError('NOT_PERMITTED', 'making layers as images: they cannot be mounted here', {
    hint: 'use --layer-format directory; images need root, and Linux 6.12 or loop devices',
  })
}

/** Unpacks a layer into a draft, in the one form or the other; to be committed as that. */
export async function unpackInto(
  draft: LayerDraft,
  form: LayerForm,
  options: Omit<UnpackLayerOptions, 'directory' | 'image' | 'kind'>,
): Promise<UnpackedLayer> {
  return await unpackLayer({ ...options, directory: draft.dir, ...(form === 'erofs' && { image: draft.image }) })
}

function formatIn(text = ''): LayerFormat | undefined {
  if (text === '') return undefined
  const known = LAYER_FORMATS.find((format) => format === text)
  if (known !== undefined) return known
  throw new PullError('INVALID_OPTION', `reading GOCKER_LAYER_FORMAT of the environment: ${text} is none of ${LAYER_FORMATS.join(', ')}`)
}

/** Tried once, and remembered until the machine starts again. */
async function mountsImages(store: Store): Promise<boolean> {
  const { mountsImages: file } = store.paths
  try {
    return readFileSync(file, 'utf8') === 'yes'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const mounts = await tryToMount(store)
  await writeFileAtomic(file, mounts ? 'yes' : 'no', { sync: false })
  return mounts
}

/** As root in the store's own file system: whether a kernel mounts a file depends on that, too. */
async function tryToMount(store: Store): Promise<boolean> {
  const draft = await store.layers.draft()
  try {
    makeEmptyImage(draft.image)
    const mounted = openImage(draft.image)
    readdirSync(`/proc/self/fd/${mounted}`)
    closeSync(mounted)
    return true
  } catch {
    return false
  } finally {
    await draft.abort()
  }
}

function makeEmptyImage(path: string): void {
  const fd = openSync(path, 'wx+', 0o600)
  try {
    new ImageWriter(fd).finish()
  } finally {
    closeSync(fd)
  }
}
