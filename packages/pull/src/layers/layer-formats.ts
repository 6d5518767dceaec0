import type { LayerForm } from '@gocker/store'

/** `auto`: images where they can be mounted here, else directories. */
export type LayerFormat = LayerForm | 'auto'

export const LAYER_FORMATS: readonly LayerFormat[] = ['directory', 'erofs', 'auto']
