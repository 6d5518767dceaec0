import type { Compression } from '@gocker/oci'
import { buildTar, type Cleanup, type TarPart, temporaryDirectory } from '@gocker/testkit'
import { type UnpackedLayer, unpackLayer } from '../layers/unpack-layer.ts'

export interface Unpacked extends UnpackedLayer {
  readonly directory: string
}

/** Unpacks what a test made up, into a directory that goes with the test. */
export async function unpackParts(t: Cleanup, parts: readonly TarPart[]): Promise<Unpacked> {
  return await unpackBytes(t, buildTar(parts))
}

export async function unpackBytes(t: Cleanup, bytes: Uint8Array, compression: Compression = 'none'): Promise<Unpacked> {
  const directory = temporaryDirectory(t)
  const layer = await unpackLayer({ source: inChunks(bytes, 65_536), compression, directory })
  return { ...layer, directory }
}

export async function* inChunks(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
