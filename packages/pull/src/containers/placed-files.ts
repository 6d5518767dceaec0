import { LayerWriter } from '../layers/layer-writer.ts'
import type { ByteText, TarEntry, TarSink } from '../tar-reader/tar-entry.ts'
import { type Arriving, findLanding, type Landing } from './landing.ts'

export interface Ownership {
  readonly uid: number
  readonly gid: number
}

export interface PlacedFilesOptions {
  /** As written; absolute. */
  readonly destination: ByteText
  /** An archive of the user's, not one of a single source. */
  readonly isArchive: boolean
  /** Whose the files are; each its own unless given. */
  readonly owner?: Ownership | undefined
  /** Makes a directory the root of all that follows; gives its path there. */
  readonly confine: (directory: ByteText) => ByteText
}

/** Writes what comes to where it lands, which the first entry decides. */
export class PlacedFiles implements TarSink {
  readonly #options: PlacedFilesOptions
  readonly #writer = new LayerWriter({ hidesFiles: false, replacesKinds: false })
  #landing: Landing | undefined

  constructor(options: PlacedFilesOptions) {
    this.#options = options
  }

  entry(entry: TarEntry): void {
    const { isArchive, owner } = this.#options
    this.#landing ??= this.#land(arriving(entry, isArchive))
    const name = this.#place(entry.name)
    // A directory that was there before its content came keeps what it is.
    if (name === this.#landing.directory && !isArchive) return
    const link = entry.kind === 'hard-link' ? this.#place(entry.link) : entry.link
    this.#writer.entry({ ...(owner === undefined ? entry : ownedBy(owner, entry)), name, link })
  }

  data(memory: Buffer, start: number, end: number, offset: number): void {
    this.#writer.data(memory, start, end, offset)
  }

  end(): void {
    this.#writer.end()
  }

  /** @returns the count of entries */
  finish(): number {
    // An empty archive lands nowhere, but where it was to land is said to be wrong all the same.
    this.#landing ??= this.#land({ kind: 'archive' })
    return this.#writer.finish()
  }

  #land(what: Arriving): Landing {
    const { directory, ...landing } = findLanding(this.#options.destination, what)
    return { ...landing, directory: this.#options.confine(directory) }
  }

  #place(named: ByteText): ByteText {
    const { directory, name } = this.#landing as Landing
    const parts = named.split('/').filter((part) => part !== '' && part !== '.')
    const isNamed = !this.#options.isArchive && !/^\.(?:\/|$)/.test(named)
    return [directory, ...(name === undefined ? [] : [name]), ...(isNamed ? parts.slice(1) : parts)].join('/')
  }
}

/** An archive of one source begins with that: `name`, `name/`, or `./` for what is in a directory. */
function arriving({ name, kind }: TarEntry, isArchive: boolean): Arriving {
  if (isArchive) return { kind: 'archive' }
  if (name === './') return { kind: 'content' }
  return { kind: kind === 'directory' ? 'directory' : 'file', name: name.replace(/\/$/, '') }
}

const SET_IDS = 0o6000
const CAPABILITIES = 'security.capability'

/** As chown(2) has it: what a program could do as its owner it does not do as another's. */
function ownedBy({ uid, gid }: Ownership, entry: TarEntry): TarEntry {
  if (entry.uid === uid && entry.gid === gid) return entry
  const mode = entry.kind === 'directory' ? entry.mode : entry.mode & ~SET_IDS
  return { ...entry, uid, gid, mode, xattrs: new Map([...entry.xattrs].filter(([name]) => name !== CAPABILITIES)) }
}
