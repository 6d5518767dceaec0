/**
 * What an archive entry hides in the layers below.
 * @see https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts
 */
export type Whiteout =
  | { readonly kind: 'opaque' }
  | { readonly kind: 'name'; readonly name: string }
  /** AUFS's own bookkeeping (`.wh..wh.plnk`, ...), or a whiteout of what is no name in a directory (`.wh...`): belongs to no file system. */
  | { readonly kind: 'metadata' }

export const WHITEOUT_PREFIX = '.wh.'
export const OPAQUE_WHITEOUT = '.wh..wh..opq'

/** Reads the last component of an entry's name; `undefined` when it is an ordinary name. */
export function whiteoutOf(basename: string): Whiteout | undefined {
  if (!basename.startsWith(WHITEOUT_PREFIX)) return undefined
  if (basename === OPAQUE_WHITEOUT) return { kind: 'opaque' }
  if (basename.startsWith(`${WHITEOUT_PREFIX}${WHITEOUT_PREFIX}`)) return { kind: 'metadata' }
  const name = basename.slice(WHITEOUT_PREFIX.length)
  return ['', '.', '..'].includes(name) ? { kind: 'metadata' } : { kind: 'name', name }
}
