import { RunError } from '../error.ts'

/** Of lower directories. @see https://github.com/torvalds/linux/blob/v6.12/fs/overlayfs/params.h OVL_MAX_STACK */
const MOST_LAYERS = 500

/** @throws {RunError} `UNSUPPORTED` for more layers than an overlay takes */
export function requireStackable(layers: readonly string[], name: string): void {
  if (layers.length <= MOST_LAYERS) return
  throw new RunError('UNSUPPORTED', `stacking the ${layers.length} layers of ${name}: overlayfs takes ${MOST_LAYERS} at most`, {
    hint: `make one layer of them: printf 'FROM scratch\\nCOPY --from=${name} / /\\n' | gocker build -t NAME -, and say again what the image's config said`,
  })
}
