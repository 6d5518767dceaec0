import type { LayerForm } from '@gocker/store'

/** `auto`, unless told otherwise: images where the kernel mounts them, and containers share them, but for small layers; else directories. */
export type LayerFormat = LayerForm | 'auto'

export const LAYER_FORMATS: readonly LayerFormat[] = ['directory', 'erofs', 'auto']
