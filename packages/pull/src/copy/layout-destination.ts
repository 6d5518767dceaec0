import { createHash, randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type Descriptor, digestAlgorithm } from '@gocker/oci'
import { makeDirectories, StoreError } from '@gocker/store'
import { blobName } from '../archive/archive-writer.ts'
import { PullError } from '../error.ts'
import { descriptorOf } from './collect.ts'
import { LayoutDirectory, sizeOf } from './layout-directory.ts'
import { REF_NAME } from './layout-source.ts'
import type { CopyDestination, OpenBytes } from './places.ts'

export interface LayoutPlace {
  readonly path: string
  readonly tag: string | undefined
  /** More annotations of the root's entry. */
  readonly annotations?: Readonly<Record<string, string>>
  readonly signal: AbortSignal | undefined
}

/** An OCI image layout in a directory, for `use`; it is made when the first blob comes, and what is there already stays. */
export async function withLayoutDestination<T>(place: LayoutPlace, use: (destination: CopyDestination) => Promise<T>): Promise<T> {
  const layout = new LayoutDirectory(resolve(place.path), place.signal)
  try {
    return await use(layoutDestination(layout, place))
  } catch (error) {
    await layout.abandon()
    throw error
  } finally {
    await layout.close()
  }
}

function layoutDestination(layout: LayoutDirectory, { path, tag, annotations }: LayoutPlace): CopyDestination {
  const has = (blob: Descriptor) => explained(path, () => isWhole(layout, blob))
  const receive = (blob: Descriptor, read: OpenBytes) =>
    explained(path, async () => {
      await layout.prepare()
      await writeBlob(layout, blob, read)
    })
  return {
    keepsReferrers: true,
    has,
    mount: async () => undefined,
    receive,
    async keep(document, as) {
      const descriptor = descriptorOf(document)
      if (!(await has(descriptor)))
        await receive(descriptor, async function* () {
          yield document.bytes
        })
      if (as.role === 'part') return
      const name = as.role === 'root' ? tag : as.role === 'tagged' ? as.tag : undefined
      const named = { ...(as.role === 'root' && annotations), ...(name !== undefined && { [REF_NAME]: name }) }
      const entry = { ...descriptor, ...(Object.keys(named).length > 0 && { annotations: named }) }
      await explained(path, async () => {
        await layout.prepare()
        await layout.changeIndex((entries) => [...entries.filter((other) => !isReplaced(other, entry)), entry])
      })
    },
    finish: async () => {},
  }
}

async function isWhole(layout: LayoutDirectory, { digest, size }: Descriptor): Promise<boolean> {
  return (await sizeOf(join(layout.path, blobName(digest)))) === size
}

/** Verified on its way, and shown when it is whole. */
async function writeBlob(layout: LayoutDirectory, { digest, size }: Descriptor, read: OpenBytes): Promise<void> {
  const path = join(layout.path, blobName(digest))
  makeDirectories(dirname(path))
  const temporary = `${path}.${randomBytes(8).toString('hex')}`
  const hash = createHash(digestAlgorithm(digest))
  let written = 0
  try {
    await using file = await open(temporary, 'wx', 0o644)
    for await (const chunk of read(0)) {
      written += chunk.length
      if (written > size) throw new PullError('SIZE_MISMATCH', `copying blob ${digest}: expected ${size} bytes, there are more`)
      hash.update(chunk)
      await file.writeFile(chunk)
    }
    const actual = `${digestAlgorithm(digest)}:${hash.digest('hex')}`
    if (actual !== digest) throw new PullError('DIGEST_MISMATCH', `copying blob ${digest}: its content has the digest ${actual}`)
    await file.datasync()
    await rename(temporary, path)
    layout.wrote(path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** A name is that of one image: an entry that has it goes. */
function isReplaced(other: Descriptor, entry: Descriptor): boolean {
  const [name, otherName] = [entry.annotations?.[REF_NAME], other.annotations?.[REF_NAME]]
  return name === undefined ? otherName === undefined && other.digest === entry.digest : otherName === name
}

async function explained<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (cause instanceof PullError || cause instanceof StoreError || code === undefined || !/^E[A-Z]+$/.test(code)) throw cause
    throw new PullError(code === 'ENOSPC' ? 'NO_SPACE' : 'WRITE_FAILED', `writing to ${directory}: ${code}`, { cause })
  }
}
