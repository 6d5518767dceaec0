import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { layeredTree } from '../context/layered-tree.ts'
import { resolveLinks } from '../context/select.ts'
import { type AccountFile, type Owner, ownerIn } from './owner.ts'

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

/** Whom USER names in a stage; who is not there yet cannot own what is made now, so root does. */
export function userIn(directories: readonly string[], user: string): Owner {
  try {
    return ownerIn(accountFileOf(directories), user)
  } catch {
    return { uid: 0, gid: 0 }
  }
}

/** Whether a path of a stage leads to a directory. */
export function isDirectory(directories: readonly string[], path: string): boolean {
  const tree = layeredTree(directories)
  const resolved = resolveLinks(tree, path)
  return resolved === '' || (resolved !== undefined && tree.entry(resolved)?.type === 'directory')
}
