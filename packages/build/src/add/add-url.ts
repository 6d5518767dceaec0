import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type DownloadedFile, downloadFile } from '@gocker/pull'
import { addArchive } from './add-archive.ts'
import type { Added, AddedSources } from './added.ts'
import { withoutCredentials } from './remote-source.ts'
import { treeSource } from './tree-source.ts'

interface AddUrlOptions {
  readonly checksum?: string | undefined
  readonly unpack: boolean
  readonly signal: AbortSignal
  /** Empty; for a file that has to be fetched before it is known whether it is needed. */
  readonly directory: () => Promise<string>
}

/** A file that is fetched. With its checksum said, only when the step is not in the cache. */
export async function addUrl(url: string, { checksum, unpack, signal, directory }: AddUrlOptions): Promise<Added> {
  if (checksum !== undefined)
    return {
      inputs: { url: withoutCredentials(url), checksum, unpack },
      async sources(into) {
        const fetched = await fetchInto(url, into, signal)
        if (fetched.digest !== checksum)
          throw new Error(`fetching ${withoutCredentials(url)}: its digest is ${fetched.digest}, expected ${checksum}`)
        return await sourceOf(fetched, { unpack, signal })
      },
    }
  const fetched = await fetchInto(url, await directory(), signal)
  return { inputs: { name: fetched.name, digest: fetched.digest, unpack }, sources: () => sourceOf(fetched, { unpack, signal }) }
}

interface Fetched extends DownloadedFile {
  /** With the file in `file/`. */
  readonly directory: string
}

async function fetchInto(url: string, directory: string, signal: AbortSignal): Promise<Fetched> {
  await mkdir(join(directory, 'file'))
  return { ...(await downloadFile(url, { directory: join(directory, 'file'), signal })), directory }
}

async function sourceOf({ name, directory }: Fetched, { unpack, signal }: { unpack: boolean; signal: AbortSignal }): Promise<AddedSources> {
  const unpackedDirectory = join(directory, 'unpacked')
  if (unpack) await mkdir(unpackedDirectory)
  const archive = unpack ? await addArchive(join(directory, 'file', name), { directory: unpackedDirectory, signal }) : undefined
  return archive ?? treeSource(join(directory, 'file'), { owners: 'root', path: name })
}
