import type { LayerDraft, LayerForm, Store } from '@gocker/store'
import { PullError } from '../error.ts'
import { ownSettings } from '../settings/own-settings.ts'
import { LAYER_FORMATS, type LayerFormat } from './layer-formats.ts'
import { imageMeans, whyNoImages } from './mounted-images.ts'
import { type UnpackedLayer, type UnpackLayerOptions, unpackLayer } from './unpack-layer.ts'

/** What new layers become: all the same, or images unless they are small. */
export type LayerChoice = LayerForm | 'by-size'

/** Bytes as they travel, up to which a layer is a directory where nobody asked for another form: to unpack so little costs less than a mount at each start. */
const SMALL = 1024 * 1024

interface Asked {
  readonly asked?: LayerFormat | undefined
  readonly environment?: NodeJS.ProcessEnv | undefined
}

/**
 * What new layers are to be: what is asked for, else what GOCKER_LAYER_FORMAT or the settings say, else what serves best here.
 * @throws {PullError} `INVALID_OPTION`, `NOT_PERMITTED` for images that are asked for and cannot be mounted
 */
export async function layerFormat(store: Store, asked: Asked = {}): Promise<LayerChoice> {
  const { format } = await wantedFormat(asked)
  if (format === 'directory') return 'directory'
  const means = await imageMeans(store)
  if (format === 'auto') return whyNoImages(means) === undefined ? 'by-size' : 'directory'
  if (means !== 'none') return 'erofs'
  throw new PullError('NOT_PERMITTED', 'making layers as images: they cannot be mounted here', {
    hint: 'use --layer-format directory; images need root, and Linux 6.12 or loop devices',
  })
}

/** @param size bytes of the layer as it travels; undefined where nobody knows */
export function formOf(choice: LayerChoice, size?: number): LayerForm {
  if (choice !== 'by-size') return choice
  return size !== undefined && size <= SMALL ? 'directory' : 'erofs'
}

/** What new layers become in this store, and why, to be told. */
export async function layerFormatHere(store: Store): Promise<{ readonly form: LayerForm; readonly why: string }> {
  const { format, source } = await wantedFormat({})
  if (format !== 'auto') return { form: format, why: source }
  const why = whyNoImages(await imageMeans(store))
  return why === undefined ? { form: 'erofs', why: 'the kernel mounts files, and containers share them' } : { form: 'directory', why }
}

async function wantedFormat({ asked, environment = process.env }: Asked): Promise<{ format: LayerFormat; source: string }> {
  if (asked !== undefined) return { format: asked, source: 'asked for' }
  const inEnvironment = formatIn(environment.GOCKER_LAYER_FORMAT)
  if (inEnvironment !== undefined) return { format: inEnvironment, source: 'GOCKER_LAYER_FORMAT says so' }
  const { layerFormat: inSettings } = await ownSettings(environment)
  return inSettings === undefined ? { format: 'auto', source: 'by itself' } : { format: inSettings, source: 'the settings say so' }
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
