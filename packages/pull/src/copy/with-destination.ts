import { withArchiveDestination } from './archive-destination.ts'
import type { CopyImageOptions } from './copy-image.ts'
import { withLayoutDestination } from './layout-destination.ts'
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
  if (place.kind === 'layout') return await withLayoutDestination({ ...place, signal: options.signal }, use)
  return await withArchiveDestination(place, options, use)
}
