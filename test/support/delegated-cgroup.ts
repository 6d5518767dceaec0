import { chownSync, existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

const ROOT = '/sys/fs/cgroup'
/** What a user needs to be able to write in a part of a tree that is his; of either version. */
const FILES = ['cgroup.procs', 'tasks', 'cgroup.threads', 'cgroup.subtree_control']
const PREFIX = 'test-of-user-'

/** A part of the tree that limits memory which is the user's, and what starts a command in it; or why there cannot be one. */
export function cgroupOf(t: TestContext, uid: number): { readonly under: readonly string[] } | { readonly missing: string } {
  const tree = treeOfMemory()
  if (tree === undefined) return { missing: 'no tree of control groups limits memory here' }
  const part = join(tree, `${PREFIX}${process.pid}`)
  t.after(() => remove(part))
  // A group that gives controllers to others has no process itself.
  const own = join(part, 'own')
  for (const directory of [part, own]) give(directory, uid)
  return { under: ['sh', '-c', `echo $$ > ${own}/cgroup.procs && exec "$@"`, 'sh'] }
}

/** @see cgroups(7) */
function treeOfMemory(): string | undefined {
  if (existsSync(`${ROOT}/memory/cgroup.procs`)) return `${ROOT}/memory`
  try {
    writeFileSync(`${ROOT}/cgroup.subtree_control`, '+memory')
    return ROOT
  } catch {
    return undefined
  }
}

function give(directory: string, uid: number): void {
  mkdirSync(directory)
  chownSync(directory, uid, uid)
  for (const file of FILES.map((name) => join(directory, name))) if (existsSync(file)) chownSync(file, uid, uid)
}

/** Deepest first. What the user's gocker keeps for the next container goes with it. */
function remove(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) if (entry.isDirectory()) remove(join(directory, entry.name))
  rmdirSync(directory)
}
