import { withArchiveDestination } from './archive-destination.ts'
import type { CopyImageOptions } from './copy-image.ts'
import { layoutDestination } from './layout-destination.ts'
import type { Place } from './place.ts'
import type { CopyDestination } from './places.ts'
import { withRegistryDestination } from './registry-destination.ts'
import { storeDestination } from './store-destination.ts'

export interface DestinationOptions extends Omit<CopyImageOptions, 'from'> {
  readonly from: Place
}

/** Opens a place to copy to, for `use`. */
export async function withDestination<T>(
  place: Place,
  options: DestinationOptions,
  use: (destination: CopyDestination) => Promise<T>,
): Promise<T> {
  if (place.kind === 'registry') return await withRegistryDestination(place.reference, options, use)
  if (place.kind === 'store') return await use(storeDestination(place.name, { ...options, from: options.from.name }))
  if (place.kind === 'layout') return await use(layoutDestination(place.path, { tag: place.tag }))
  return await withArchiveDestination(place, options.store, use)
}
