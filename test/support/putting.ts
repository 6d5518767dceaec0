import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'

export interface PutBlob {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** Uploads a blob that is no part of an image. @param repository `http://host:port/v2/name` */
export async function putBlob(repository: string, text: string, mediaType = 'application/x-test'): Promise<PutBlob> {
  const start = await fetch(`${repository}/blobs/uploads/`, { method: 'POST' })
  const location = new URL(start.headers.get('location') ?? '')
  const digest = sha256(text)
  location.searchParams.set('digest', digest)
  const headers = { 'content-type': 'application/octet-stream' }
  assert.equal((await fetch(location, { method: 'PUT', body: text, headers })).status, 201)
  return { mediaType, digest, size: Buffer.byteLength(text) }
}

/** Uploads a manifest or an index byte for byte. */
export async function putManifest(repository: string, tag: string, body: string): Promise<void> {
  const { mediaType } = JSON.parse(body) as { mediaType: string }
  const { status } = await fetch(`${repository}/manifests/${tag}`, { method: 'PUT', body, headers: { 'content-type': mediaType } })
  assert.equal(status, 201)
}
