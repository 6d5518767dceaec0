import { type Digest, digestOf, MEDIA_TYPES } from '@gocker/oci'
import type { RetryPolicy } from '../transfer/retries.ts'

/** As patient as by default, but not as slow. */
export const HASTY: RetryPolicy = { attempts: 5, firstDelay: 1, longestDelay: 2, longestRetryAfter: 2000, longestStall: 45_000 }

export interface Document {
  readonly text: string
  readonly digest: Digest
  readonly mediaType: string
}

/** A manifest of an image without layers, as a text to serve. */
export function manifestDocument(annotations: Record<string, string> = {}): Document {
  const config = { mediaType: MEDIA_TYPES.ociConfig, digest: digestOf('{}'), size: 2 }
  return document(MEDIA_TYPES.ociManifest, { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers: [], annotations })
}

function document(mediaType: string, content: unknown): Document {
  const text = JSON.stringify(content)
  return { text, digest: digestOf(text), mediaType }
}
