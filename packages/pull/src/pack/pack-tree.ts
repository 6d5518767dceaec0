import { enterRoot } from '../layers/enter-root.ts'
import type { LayerTask, LayerTaskResult, TreeToPack } from '../layers/thread-task.ts'
import { enterMergedRoot } from './merged-root.ts'
import { packRoot } from './pack-root.ts'
import { reading } from './reading.ts'

/**
 * Packs a tree into a ring. The calling thread makes the tree its root, for good.
 * @throws {PullError}
 */
export function packTree({ tree, clampTo, ring }: Extract<LayerTask, { kind: 'pack' }>): LayerTaskResult {
  reading('the tree to pack', () => enterTree(tree))
  const leaveOut = new Set(tree.kind === 'overlay' ? [] : tree.leaveOut)
  return packRoot(ring, { isOverlayUpper: tree.kind === 'overlay-upper', leaveOut, clampTo })
}

function enterTree(tree: TreeToPack): void {
  if (tree.kind === 'overlay') enterMergedRoot(tree.lowers, tree.images)
  else enterRoot(tree.directory)
}
