import { readFileSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { digestHex, digestOf } from '@gocker/oci'
import { type Store, writeFileAtomic } from '@gocker/store'
import type { FileDigests } from '../context/fingerprint.ts'
import type { TreeEntry } from '../context/tree.ts'

/** Digests of a context's files that outlive the build. */
export interface RememberedDigests extends FileDigests {
  /** Keeps what was asked for, if there is anything new. */
  save(): Promise<void>
}

/** By path within the context: what the file was, and its content's digest. */
type Known = Readonly<Record<string, readonly [version: string, digest: string]>>

/**
 * A file that was changed this long ago, and no less, would not look the same if it were changed once more: a file system's clock may
 * tick seldom. Nanoseconds.
 * @see https://git-scm.com/docs/racy-git
 */
const RACY = 2_000_000_000n
const MOST_FILES = 200_000
const MOST_CONTEXTS = 100

/** What earlier builds have read of a context directory: an unchanged file is not read again. */
export function rememberedDigests(store: Store, directory: string): RememberedDigests {
  const path = store.paths.fileDigests(digestHex(digestOf(resolve(directory))))
  const seen = new Map<string, readonly [version: string, digest: string]>()
  let known: Known | undefined
  let isChanged = false
  return {
    of(entry, read) {
      known ??= readKnown(path)
      const version = versionOf(entry)
      const before = Object.hasOwn(known, entry.path) ? known[entry.path] : undefined
      const isKnown = before?.[0] === version
      const digest = isKnown ? before[1] : read()
      if (!isKnown && isRacy(entry)) return digest
      isChanged ||= !isKnown
      if (seen.size < MOST_FILES) seen.set(entry.path, [version, digest])
      return digest
    },
    async save() {
      if (!isChanged) return
      const others = Object.entries(known ?? {}).filter(([path]) => !seen.has(path))
      const kept = others.length + seen.size > MOST_FILES ? [...seen] : [...others, ...seen]
      await writeFileAtomic(path, JSON.stringify(Object.fromEntries(kept) satisfies Known))
      await forgetOthers(store)
    },
  }
}

function versionOf({ version, size, mtime }: TreeEntry): string {
  return `${version?.device}:${version?.inode}:${size}:${mtime}:${version?.changed}`
}

/** Its clock is the file system's, which is this machine's but for a network's: then it is read once more. */
function isRacy({ version }: TreeEntry): boolean {
  return version === undefined || version.changed > BigInt(Date.now()) * 1_000_000n - RACY
}

function readKnown(path: string): Known {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Known
  } catch {
    // Missing or damaged: everything is read.
    return {}
  }
}

/** The contexts that were not built for the longest time. */
async function forgetOthers({ paths }: Store): Promise<void> {
  const names = (await readdir(paths.fileDigestCaches)).filter((name) => name.endsWith('.json'))
  if (names.length <= MOST_CONTEXTS) return
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(paths.fileDigestCaches, name)
      return { path, time: (await stat(path)).mtimeMs }
    }),
  )
  const oldest = files.sort((a, b) => a.time - b.time).slice(0, files.length - MOST_CONTEXTS)
  for (const { path } of oldest) await rm(path, { force: true })
}
