import { constants } from 'node:fs'
import { readFile, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Descriptor, MEDIA_TYPES } from '@gocker/oci'
import { makeDirectories, openLocked, tryOpenLocked, writeFileAtomic } from '@gocker/store'
import { indexOf, LAYOUT } from '../archive/write-archive.ts'
import { PullError } from '../error.ts'
import { readManifest } from '../registry/manifest.ts'

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY
/** A copy that gives up may take a directory away just when another one has found it. */
const MOST_TRIES = 10

type Manifests = readonly Descriptor[]

/**
 * A directory with an OCI image layout, into which several copies may write at once. Whoever writes holds a shared lock of the directory, so that
 * a copy that fails knows whether somebody may rely on its blobs by now; whoever changes the index has the lock of `blobs` for so long.
 * @see flock(2)
 */
export class LayoutDirectory {
  readonly path: string
  readonly #signal: AbortSignal | undefined
  #held: Awaited<ReturnType<typeof openLocked>> | undefined
  #prepared: Promise<void> | undefined
  /** The topmost of the directories that this copy has made. */
  #made: string | undefined
  #isNew = false
  #isEntered = false
  readonly #written: string[] = []

  constructor(path: string, signal: AbortSignal | undefined) {
    this.path = path
    this.#signal = signal
  }

  /** Sees to it that there is a layout; what is there already stays. */
  async prepare(): Promise<void> {
    this.#prepared ??= this.#prepare()
    await this.#prepared
  }

  /** Notes a file that this copy has made. */
  wrote(path: string): void {
    this.#written.push(path)
  }

  /** Puts what `change` makes of its entries in the place of `index.json`. */
  async changeIndex(change: (entries: Manifests) => Manifests): Promise<void> {
    await this.#alone(async () => await this.#writeIndex(change(await this.#entries())))
    this.#isEntered = true
  }

  /** Takes away what this copy has brought, unless it has been entered, or somebody else is writing here. */
  async abandon(): Promise<void> {
    await this.close()
    if (this.#prepared === undefined || this.#isEntered) return
    const alone = await tryOpenLocked(this.path, { flags: DIRECTORY, patience: 0 }).catch(() => undefined)
    if (alone === undefined) return
    try {
      await this.#clear()
    } finally {
      await alone.close()
    }
  }

  async close(): Promise<void> {
    await this.#held?.close()
    this.#held = undefined
  }

  async #prepare(): Promise<void> {
    for (let tries = 1; this.#held === undefined; tries++) {
      const made = makeDirectories(join(this.path, 'blobs', 'sha256'))
      this.#made ??= made
      this.#held = await openLocked(this.path, { flags: DIRECTORY, mode: 'shared', signal: this.#signal }).catch((error) => {
        if (error.code !== 'ENOENT' || tries === MOST_TRIES) throw error
        return undefined
      })
    }
    makeDirectories(join(this.path, 'blobs', 'sha256'))
    await this.#alone(async () => {
      this.#isNew = !(await isThere(join(this.path, 'index.json')))
      if (this.#isNew) await this.#writeIndex([])
      const mark = join(this.path, 'oci-layout')
      if (this.#isNew || !(await isThere(mark))) await writeFileAtomic(mark, JSON.stringify(LAYOUT))
    })
  }

  async #alone(work: () => Promise<void>): Promise<void> {
    const lock = await openLocked(join(this.path, 'blobs'), { flags: DIRECTORY, signal: this.#signal })
    try {
      await work()
    } finally {
      await lock.close()
    }
  }

  async #entries(): Promise<Manifests> {
    const path = join(this.path, 'index.json')
    const document = readManifest(await readFile(path), MEDIA_TYPES.ociIndex, `reading ${path}`)
    if (document.kind !== 'index') throw new PullError('BAD_ARCHIVE', `reading ${path}: it is no index`)
    return document.index.manifests
  }

  async #writeIndex(entries: Manifests): Promise<void> {
    await writeFileAtomic(join(this.path, 'index.json'), JSON.stringify(indexOf(entries)))
  }

  async #clear(): Promise<void> {
    for (const file of this.#written) await rm(file, { force: true })
    if (!this.#isNew || (await this.#entries()).length > 0) return
    for (const name of ['index.json', 'oci-layout']) await rm(join(this.path, name), { force: true })
    let directory = join(this.path, 'blobs', 'sha256')
    while (this.#made !== undefined && directory.startsWith(this.#made) && (await isRemoved(directory))) directory = dirname(directory)
  }
}

/** @throws what is no answer */
async function isThere(path: string): Promise<boolean> {
  return (await sizeOf(path)) !== undefined
}

/** In bytes; `undefined` where there is nothing. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/** False where it is not empty, or not ours to remove. */
async function isRemoved(directory: string): Promise<boolean> {
  return await rmdir(directory).then(
    () => true,
    () => false,
  )
}
