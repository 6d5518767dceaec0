import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Descriptor, digestAlgorithm, MEDIA_TYPES } from '@gocker/oci'
import { writeFileAtomic } from '@gocker/store'
import { blobName } from '../archive/archive-writer.ts'
import { indexOf, LAYOUT } from '../archive/write-archive.ts'
import { PullError } from '../error.ts'
import { readManifest } from '../registry/manifest.ts'
import { descriptorOf } from './collect.ts'
import { REF_NAME } from './layout-source.ts'
import type { CopyDestination, OpenBytes } from './places.ts'

export interface LayoutDestinationOptions {
  readonly tag: string | undefined
  /** More annotations of the root's entry. */
  readonly annotations?: Readonly<Record<string, string>>
}

/** An OCI image layout in a directory, which is made when the first blob comes; what is there already stays. */
export function layoutDestination(directory: string, { tag, annotations }: LayoutDestinationOptions): CopyDestination {
  let prepared: Promise<void> | undefined
  const writing = (work: () => Promise<void>) => {
    prepared ??= prepare(directory)
    return explained(directory, async () => {
      await prepared
      await work()
    })
  }
  return {
    keepsReferrers: true,
    has: (blob) => isThere(directory, blob),
    mount: async () => undefined,
    receive: (blob, open) => writing(() => writeBlob(directory, blob, open)),
    async keep(document, as) {
      const descriptor = descriptorOf(document)
      if (!(await isThere(directory, descriptor)))
        await writing(() =>
          writeBlob(directory, descriptor, async function* () {
            yield document.bytes
          }),
        )
      if (as.role === 'part') return
      const name = as.role === 'root' ? tag : as.role === 'tagged' ? as.tag : undefined
      const named = { ...(as.role === 'root' && annotations), ...(name !== undefined && { [REF_NAME]: name }) }
      const entry = { ...descriptor, ...(Object.keys(named).length > 0 && { annotations: named }) }
      await writing(() => enter(directory, entry))
    },
    finish: async () => {},
  }
}

async function prepare(directory: string): Promise<void> {
  await mkdir(join(directory, 'blobs', 'sha256'), { recursive: true })
  const isNew = !(await exists(join(directory, 'index.json')))
  if (isNew) await writeIndex(directory, [])
  if (isNew || !(await exists(join(directory, 'oci-layout')))) await writeFileAtomic(join(directory, 'oci-layout'), JSON.stringify(LAYOUT))
}

async function isThere(directory: string, { digest, size }: Descriptor): Promise<boolean> {
  const found = await stat(join(directory, blobName(digest))).catch(() => undefined)
  return found?.size === size
}

/** Verified on its way, and shown when it is whole. */
async function writeBlob(directory: string, { digest, size }: Descriptor, read: OpenBytes): Promise<void> {
  const path = join(directory, blobName(digest))
  await mkdir(dirname(path), { recursive: true })
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
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** A name is that of one image: an entry that has it goes. */
async function enter(directory: string, entry: Descriptor): Promise<void> {
  const document = readManifest(await readFile(join(directory, 'index.json')), MEDIA_TYPES.ociIndex, `reading ${directory}/index.json`)
  const before = document.kind === 'index' ? document.index.manifests : []
  const name = entry.annotations?.[REF_NAME]
  const isReplaced = (other: Descriptor) => {
    const otherName = other.annotations?.[REF_NAME]
    return name === undefined ? otherName === undefined && other.digest === entry.digest : otherName === name
  }
  await writeIndex(directory, [...before.filter((other) => !isReplaced(other)), entry])
}

async function writeIndex(directory: string, manifests: readonly Descriptor[]): Promise<void> {
  await writeFileAtomic(join(directory, 'index.json'), JSON.stringify(indexOf(manifests)))
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}

async function explained<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (cause instanceof PullError || code === undefined || !/^E[A-Z]+$/.test(code)) throw cause
    throw new PullError(code === 'ENOSPC' ? 'NO_SPACE' : 'WRITE_FAILED', `writing to ${directory}: ${code}`, { cause })
  }
}
