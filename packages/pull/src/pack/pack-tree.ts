import { enterRoot } from '../layers/enter-root.ts'
import { Ring } from '../layers/ring.ts'
import type { LayerTask, LayerTaskResult, TreeToPack } from '../layers/thread-task.ts'
import { enterMergedRoot } from './merged-root.ts'
import { reading } from './reading.ts'
import { TarOutput } from './tar-output.ts'
import { TreePacker } from './tree-packer.ts'

/**
 * Packs a tree into a ring. The calling thread makes the tree its root, for good.
 * @throws {PullError}
 */
export function packTree({ tree, clampTo, ring }: Extract<LayerTask, { kind: 'pack' }>): LayerTaskResult {
  const output = new TarOutput(new Ring(ring))
  reading('the tree to pack', () => enterTree(tree))
  const entries = new TreePacker(output, { isOverlayUpper: tree.kind === 'overlay-upper', clampTo }).pack()
  return { entries, ...output.finish() }
}

function enterTree(tree: TreeToPack): void {
  if (tree.kind === 'overlay') enterMergedRoot(tree.lowers)
  else enterRoot(tree.directory)
}
