import type { Platform } from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'

export interface ImportImageOptions {
  /** The tarball: plain, gzip or zstd, by its first bytes. */
  readonly source: AsyncIterable<Uint8Array>
  /** Where it comes from, for the image's history: a file's name, or `-`. */
  readonly sourceName?: string
  readonly store: Store
  /** The name that the image gets; without one it has its id alone. */
  readonly reference?: string
  /** Instructions as `docker import --change` takes them: `CMD ["sh"]`, `ENV A=b`, ... */
  readonly changes?: readonly string[]
  /** The comment in the image's history. */
  readonly message?: string
  /** This machine's unless given. */
  readonly platform?: Platform | string
  readonly signal?: AbortSignal
  /** Told now and then how many bytes of the tarball have been taken, compressed as it is. */
  readonly onProgress?: (bytes: number) => void
}

/**
 * Makes an image of one layer of a root file system's tarball, as `docker import` does.
 * @throws {PullError} `BAD_ARCHIVE`, `UNSUPPORTED_MEDIA_TYPE` (xz, bzip2), `INVALID_OPTION` (a change), `NO_SPACE`
 */
export async function importImage(options: ImportImageOptions): Promise<StoredImage> {
  throw new Error(`not there yet: ${options.reference}`)
}
