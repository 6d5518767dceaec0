import type { Transform } from 'node:stream'
import { constants, createGzip, createZstdCompress } from 'node:zlib'
import { type Descriptor, MEDIA_TYPES } from '@gocker/oci'
import { PullError } from '../error.ts'

/** How plain layers are compressed when they leave. */
export interface LayerCompression {
  readonly algorithm: 'gzip' | 'zstd'
  readonly level: number
}

/** Docker's. */
export const GZIP: LayerCompression = { algorithm: 'gzip', level: 6 }

const ALGORITHMS = {
  gzip: { usual: 6, highest: 9, mediaType: MEDIA_TYPES.ociLayerGzip },
  zstd: { usual: 3, highest: 22, mediaType: MEDIA_TYPES.ociLayerZstd },
} as const

/**
 * Reads `gzip`, `zstd` or one of them with a level: `zstd:19`.
 * @throws {PullError} `INVALID_OPTION`
 */
export function parseCompression(text: string): LayerCompression {
  const [, algorithm, level] = /^(gzip|zstd)(?::(\d{1,2}))?$/.exec(text) ?? []
  if (algorithm !== 'gzip' && algorithm !== 'zstd')
    throw new PullError('INVALID_OPTION', `reading compression ${JSON.stringify(text)}: neither gzip nor zstd, nor one of them with :LEVEL`)
  const { usual, highest } = ALGORITHMS[algorithm]
  const wanted = level === undefined ? usual : Number(level)
  if (wanted >= 1 && wanted <= highest) return { algorithm, level: wanted }
  throw new PullError('INVALID_OPTION', `reading compression ${text}: the levels of ${algorithm} are 1 to ${highest}`)
}

const CHUNK = 64 * 1024

/** Compresses in the libuv pool. The header says neither name nor time, so equal input gives equal bytes. */
export function compressor({ algorithm, level }: LayerCompression): Transform {
  if (algorithm === 'gzip') return createGzip({ level, chunkSize: CHUNK })
  return createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 },
    chunkSize: CHUNK,
  })
}

export function compressedMediaType({ algorithm }: LayerCompression): Descriptor['mediaType'] {
  return ALGORITHMS[algorithm].mediaType
}
