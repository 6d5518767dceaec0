import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Digest, digestHex, digestOf } from '@gocker/oci'
import { type Store, writeFileAtomic } from '@gocker/store'
import type { FileDigests } from '../context/fingerprint.ts'
import type { StepMemory } from '../context/step-memory.ts'
import type { TreeEntry } from '../context/tree.ts'

/** Digests of a context's files, and of steps that made nothing of them, that outlive the build. */
export interface RememberedDigests extends FileDigests, StepMemory {
  /** Keeps what was asked for, if there is anything new. */
  save(): Promise<void>
}

/** What is short, and read at each build. */
interface KnownOfContext {
  /** What the files of one COPY were, all of them, and their fingerprint. */
  readonly selections: Readonly<Record<string, Digest>>
  /** Keys of the steps that were taken. */
  readonly steps: Readonly<Record<string, true>>
}

/** By path within the context: what the file was, and its content's digest. */
type KnownFiles = Readonly<Record<string, readonly [version: string, digest: string]>>

/**
 * A file that was changed this long ago, and no less, would not look the same if it were changed once more: a file system's clock may
 * tick seldom. Milliseconds.
 * @see https://git-scm.com/docs/racy-git
 */
const RACY = 2000
const MOST_FILES = 200_000
const MOST_SELECTIONS = 100
const MOST_STEPS = 1000
const MOST_CONTEXTS = 100

/** What earlier builds have read of a context directory: an unchanged file is not read again. */
export function rememberedDigests(store: Store, directory: string): RememberedDigests {
  const path = store.paths.fileDigests(digestHex(digestOf(resolve(directory))))
  const known = knownIn(path)
  const selections = new Map<string, Digest>()
  const steps = new Map<string, true>()
  const files = new Map<string, readonly [version: string, digest: string]>()
  let isChanged = false
  return {
    fingerprintOf(version) {
      const fingerprint = known.ofContext().selections[version]
      if (fingerprint !== undefined) selections.set(version, fingerprint)
      return fingerprint
    },
    remember(version, fingerprint, entries) {
      if (entries.some(isRacy)) return
      isChanged = true
      selections.set(version, fingerprint)
    },
    of(entry, read) {
      const version = versionOf(entry)
      const before = Object.hasOwn(known.files(), entry.path) ? known.files()[entry.path] : undefined
      const isKnown = before?.[0] === version
      const digest = isKnown ? before[1] : read()
      if (!isKnown && isRacy(entry)) return digest
      isChanged ||= !isKnown
      if (files.size < MOST_FILES) files.set(entry.path, [version, digest])
      return digest
    },
    wasTaken(key) {
      const isKnown = known.ofContext().steps[key] === true
      isChanged ||= !isKnown
      steps.set(key, true)
      return isKnown
    },
    async save() {
      if (!isChanged) return
      const before = known.ofContext()
      const kept: KnownOfContext = {
        selections: merged(before.selections, selections, MOST_SELECTIONS),
        steps: merged(before.steps, steps, MOST_STEPS),
      }
      await writeFileAtomic(path, `${JSON.stringify(kept)}\n${JSON.stringify(merged(known.files(), files, MOST_FILES))}`)
      forgetOthers(store)
    },
  }
}

/** What was seen now, and of what was known the newest that there is room for. */
function merged<T>(known: Readonly<Record<string, T>>, seen: ReadonlyMap<string, T>, most: number): Record<string, T> {
  const others = Object.entries(known).filter(([key]) => !seen.has(key))
  return Object.fromEntries([...others.slice(Math.max(0, others.length + seen.size - most)), ...seen])
}

function versionOf({ version: { device, inode, changed }, size, mtime }: TreeEntry): string {
  return `${device}:${inode}:${size}:${mtime}:${changed}`
}

/** Its clock is the file system's, which is this machine's but for a network's: then it is read once more. */
function isRacy({ version }: TreeEntry): boolean {
  return version.changed > Date.now() - RACY
}

/** Two lines: the second is long, and read only where something has changed. */
function knownIn(path: string) {
  let lines: readonly string[] | undefined
  let ofContext: KnownOfContext | undefined
  let files: KnownFiles | undefined
  const line = (index: number) => {
    lines ??= linesOf(path)
    return lines[index] ?? ''
  }
  return {
    ofContext(): KnownOfContext {
      ofContext ??= { selections: {}, steps: {}, ...(parsed(line(0)) as Partial<KnownOfContext>) }
      return ofContext
    },
    files(): KnownFiles {
      files ??= parsed(line(1)) as KnownFiles
      return files
    },
  }
}

/** Missing or damaged: everything is read. */
function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'latin1').split('\n', 2)
  } catch {
    return []
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(Buffer.from(line, 'latin1').toString())
  } catch {
    return {}
  }
}

/** The contexts that were not built for the longest time. */
function forgetOthers({ paths }: Store): void {
  const names = readdirSync(paths.fileDigestCaches).filter((name) => name.endsWith('.json'))
  if (names.length <= MOST_CONTEXTS) return
  const files = names.map((name) => ({ path: join(paths.fileDigestCaches, name), time: statOf(join(paths.fileDigestCaches, name)) }))
  const oldest = files.sort((a, b) => a.time - b.time).slice(0, files.length - MOST_CONTEXTS)
  for (const { path } of oldest) rmSync(path, { force: true })
}

/** Of a file that another build has just removed: the oldest. */
function statOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
