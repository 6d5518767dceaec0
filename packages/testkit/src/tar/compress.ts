import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { Compression } from '@gocker/oci'

/** The bytes as a layer blob has them. The same bytes give the same result: gzip's header names neither file nor time. */
export function compress(bytes: Uint8Array, compression: Compression): Buffer {
  if (compression === 'gzip') return gzipSync(bytes, { level: 6 })
  if (compression === 'zstd') return zstdCompressSync(bytes)
  return Buffer.from(bytes)
}
