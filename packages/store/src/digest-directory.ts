import { join } from 'node:path'
import { type Digest, isDigest } from '@gocker/oci'
import { unless } from './error.ts'
import { readdir } from './quick-files.ts'

/** The digests that have a file or a directory at `<directory>/<algorithm>/<hex>`. */
export async function listDigests(directory: string): Promise<Digest[]> {
  const algorithms = (await readdir(directory).catch(unless('ENOENT'))) ?? []
  const lists = await Promise.all(
    algorithms.map(async (algorithm) => {
      const names = (await readdir(join(directory, algorithm)).catch(unless('ENOTDIR'))) ?? []
      return names.map((name) => `${algorithm}:${name}`).filter(isDigest)
    }),
  )
  return lists.flat()
}
