import { LAYER_FORMATS } from '@gocker/pull'
import type { LayerForm } from '@gocker/store'
import { Option } from 'commander'

export interface LayerFormatFlag {
  readonly layerFormat?: LayerForm
}

/** Of commands that bring layers. */
export function layerFormatFlag(): Option {
  return new Option('--layer-format <format>', 'unpack layers, or mount them as files').choices(LAYER_FORMATS)
}
