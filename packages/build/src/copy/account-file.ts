import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { layeredTree } from '../context/layered-tree.ts'
import { resolveLinks } from '../context/select.ts'
import type { AccountFile } from './owner.ts'

/** The account files of a stage, whatever symlinks lead to them. @param directories its layers, the top first */
export function accountFileOf(directories: readonly string[]): AccountFile {
  const tree = layeredTree(directories)
  return (path) => {
    const real = resolveLinks(tree, path)
    const directory = directories[(real === undefined ? undefined : tree.holder(real)) ?? -1]
    if (real === undefined || directory === undefined || tree.entry(real)?.type !== 'file') return undefined
    return readFileSync(join(directory, real), 'utf8')
  }
}
