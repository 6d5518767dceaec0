import { layeredTree } from '../context/layered-tree.ts'
import type { SourceFiles } from './gather.ts'

/**
 * The files of another stage or image.
 * @param directories its layers, the top first
 */
export function layerFiles(directories: readonly string[]): SourceFiles {
  const tree = layeredTree(directories)
  return { tree, roots: directories, rootOf: (path) => tree.holder(path) ?? 0, owners: 'source' }
}
