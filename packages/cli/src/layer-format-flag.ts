import { LAYER_FORMATS, type LayerFormat } from '@gocker/pull'
import { Option } from 'commander'

export interface LayerFormatFlag {
  readonly layerFormat?: LayerFormat
}

/** Of commands that bring layers. */
export function layerFormatFlag(): Option {
  return new Option('--layer-format <format>', 'unpack layers, mount them as files, or choose (what is done unless told)').choices(
    LAYER_FORMATS,
  )
}
