import { readFile } from 'node:fs/promises'
import type { Digest } from '@gocker/oci'
import { type Store, writeFileAtomic } from '@gocker/store'
import type { BlobFacts } from './blob-source.ts'
import type { LayerCompression } from './compression.ts'

/** What a plain layer came to when it was compressed; the compressed bytes themselves are not kept. */
export async function knownFacts(store: Store, digest: Digest, compression: LayerCompression): Promise<BlobFacts | undefined> {
  const text = await readFile(pathOf(store, digest, compression), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return text === undefined ? undefined : (JSON.parse(text) as BlobFacts)
}

export async function rememberFacts(store: Store, digest: Digest, compression: LayerCompression, facts: BlobFacts): Promise<void> {
  await writeFileAtomic(pathOf(store, digest, compression), JSON.stringify({ digest: facts.digest, size: facts.size }))
}

/** Another zlib may compress otherwise, and then the bytes would not be those of the digest. */
function pathOf(store: Store, digest: Digest, { algorithm, level }: LayerCompression): string {
  const library = algorithm === 'gzip' ? process.versions.zlib : process.versions.zstd
  return store.paths.compressedLayer(digest, `${algorithm}-${level}-${library ?? ''}`)
}
