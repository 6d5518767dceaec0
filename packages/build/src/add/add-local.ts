import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '@gocker/oci'
import type { CopySource } from '../copy/copy-job.ts'
import type { SourceFiles } from '../steps/gather.ts'
import { type Added, type AddedSources, joined } from './added.ts'

/** Files of the context; those that are archives are unpacked, if they are to be. */
export function addLocal(
  files: SourceFiles,
  sources: readonly CopySource[],
  { fingerprint, unpack, signal }: { fingerprint: Digest; unpack: boolean; signal: AbortSignal },
): Added {
  return {
    inputs: { local: fingerprint, unpack },
    async sources(directory) {
      const all: AddedSources[] = []
      for (const [index, source] of sources.entries()) {
        const archive = unpack ? await unpacked(files, source, { directory: join(directory, `${index}`), signal }) : undefined
        all.push(archive ?? { roots: files.roots, sources: [source] })
      }
      return joined(all)
    },
  }
}

async function unpacked(
  { roots }: SourceFiles,
  { items }: CopySource,
  options: { directory: string; signal: AbortSignal },
): Promise<AddedSources | undefined> {
  const [first] = items
  if (first?.entry.type !== 'file') return undefined
  mkdirSync(options.directory)
  const { addArchive } = await import('./add-archive.ts')
  return await addArchive(join(roots[first.root] ?? '', first.entry.path), options)
}
