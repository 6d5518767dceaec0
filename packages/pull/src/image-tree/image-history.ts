import type { Digest } from '@gocker/oci'
import type { StoredImage } from '@gocker/store'

export interface HistoryLine {
  /** ISO 8601. */
  readonly created?: string | undefined
  /** The command, without the words by which docker's old builder marks what runs nothing. */
  readonly createdBy: string
  readonly comment: string
  /** The layer that it has made; `undefined` where it changed the config alone. */
  readonly diffID?: Digest
}

/** How an image came to be, the oldest first, each step with its layer. Layers that no step tells of come last, without a command. */
export function imageHistory({ config, layers }: Pick<StoredImage, 'config' | 'layers'>): HistoryLine[] {
  const unnamed = layers.values()
  const told = (config.history ?? []).map(({ created, created_by, comment, empty_layer }): HistoryLine => {
    const { value: diffID } = empty_layer === true ? { value: undefined } : unnamed.next()
    const createdBy = (created_by ?? '').replace(/^\/bin\/sh -c #\(nop\)\s*/, '').trim()
    return { created, createdBy, comment: comment ?? '', ...(diffID !== undefined && { diffID }) }
  })
  return [...told, ...Array.from(unnamed, (diffID) => ({ createdBy: '', comment: '', diffID }))]
}
