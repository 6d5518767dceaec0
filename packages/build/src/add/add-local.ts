import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CopySource } from '../copy/copy-job.ts'
import type { ContextSources } from '../steps/gather.ts'
import { type Added, type AddedSources, joined } from './added.ts'

/** Files of the context; those that are archives are unpacked, if they are to be. */
export function addLocal(
  context: string,
  { fingerprint, sources }: ContextSources,
  { unpack, signal }: { unpack: boolean; signal: AbortSignal },
): Added {
  return {
    inputs: { local: fingerprint, unpack },
    async sources(directory) {
      const all: AddedSources[] = []
      for (const [index, source] of sources().entries()) {
        const archive = unpack ? await unpacked(context, source, { directory: join(directory, `${index}`), signal }) : undefined
        all.push(archive ?? { roots: [context], sources: [source] })
      }
      return joined(all)
    },
  }
}

async function unpacked(
  context: string,
  { items }: CopySource,
  options: { directory: string; signal: AbortSignal },
): Promise<AddedSources | undefined> {
  const [first] = items
  if (first?.entry.type !== 'file') return undefined
  mkdirSync(options.directory)
  const { addArchive } = await import('./add-archive.ts')
  return await addArchive(join(context, first.entry.path), options)
}
