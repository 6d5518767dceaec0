import { getXattr } from '@gocker/kernel'
import { directoryTree } from './directory-tree.ts'
import type { SourceTree, TreeEntry } from './tree.ts'

/** The merged file system of layers, as overlayfs would show it, without a mount. */
export interface LayeredTree extends SourceTree {
  /** Which of the directories holds the entry's content. */
  holder(path: string): number | undefined
}

const OPAQUE = ['trusted.overlay.opaque', 'user.overlay.opaque']

/** @param directories unpacked layers, the top first */
export function layeredTree(directories: readonly string[]): LayeredTree {
  const layers = directories.map((root) => ({ root, tree: directoryTree(root) }))
  const bounds = new Map<string, number>()

  /** How many layers, from the top, have a say below `directory`: what is opaque or no directory hides the rest. */
  function bound(directory: string): number {
    const known = bounds.get(directory)
    if (known !== undefined) return known
    const above = directory === '' ? layers.length : bound(parentOf(directory))
    const hiding = layers.slice(0, above).findIndex(({ root, tree }) => hides(root, tree.entry(directory)))
    const found = hiding < 0 ? above : tellsBelow(layers[hiding]?.tree.entry(directory)) ? hiding + 1 : hiding
    bounds.set(directory, found)
    return found
  }

  function holder(path: string): number | undefined {
    const among = path === '' ? layers.length : bound(parentOf(path))
    const index = layers.slice(0, among).findIndex(({ tree }) => tree.entry(path) !== undefined)
    const entry = layers[index]?.tree.entry(path)
    return entry === undefined || isWhiteout(entry) ? undefined : index
  }

  return {
    holder,
    entry(path) {
      const index = holder(path)
      return index === undefined ? undefined : layers[index]?.tree.entry(path)
    },
    names(directory) {
      const speaking = layers.slice(0, bound(directory)).filter(({ tree }) => tree.entry(directory)?.type === 'directory')
      const all = new Set(speaking.flatMap(({ tree }) => tree.names(directory)))
      const inDirectory = (name: string) => (directory === '' ? name : `${directory}/${name}`)
      return [...all].filter((name) => holder(inDirectory(name)) !== undefined).sort((a, b) => (a < b ? -1 : 1))
    },
  }
}

function hides(root: string, entry: TreeEntry | undefined): boolean {
  if (entry === undefined) return false
  return entry.type !== 'directory' || OPAQUE.some((name) => getXattr(`${root}/${entry.path}`, name)?.toString() === 'y')
}

function tellsBelow(entry: TreeEntry | undefined): boolean {
  return entry?.type === 'directory'
}

function isWhiteout({ type, device }: TreeEntry): boolean {
  return type === 'character' && device?.[0] === 0 && device[1] === 0
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}
