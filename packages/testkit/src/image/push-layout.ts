import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Descriptor, type Digest, digestHex, digestOf } from '@gocker/oci'
import type { ImageLayout } from './layout.ts'

/**
 * Pushes a layout byte for byte, also what skopeo refuses: docker's media types, wrong diffIDs, unknown layer types.
 * @param destination `http://host:port/name:tag`
 * @param authorization the header's value, where the registry asks for one
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push
 */
export async function pushLayout(layout: ImageLayout, destination: string, authorization?: string): Promise<void> {
  const { origin, pathname } = new URL(destination)
  const [, name = '', tag = ''] = /^\/(.+):([^:/]+)$/.exec(pathname) ?? []
  const repository: Repository = { origin, name, headers: authorization === undefined ? {} : { authorization } }
  for (const { config, layers } of layout.images)
    for (const blob of [config, ...layers]) await pushBlob(repository, readBlob(layout.directory, blob.digest))
  for (const { manifest } of layout.images) await pushManifest(repository, layout.directory, manifest)
  await pushManifest(repository, layout.directory, layout.descriptor, tag)
}

interface Repository {
  readonly origin: string
  readonly name: string
  readonly headers: Record<string, string>
}

async function pushBlob({ origin, name, headers }: Repository, bytes: Buffer): Promise<void> {
  const started = await request(`${origin}/v2/${name}/blobs/uploads/`, { method: 'POST', headers })
  const target = new URL(started.headers.get('location') ?? '', origin)
  target.searchParams.set('digest', digestOf(bytes))
  await request(target, { method: 'PUT', headers: { ...headers, 'content-type': 'application/octet-stream' }, body: new Uint8Array(bytes) })
}

async function pushManifest(to: Repository, directory: string, { digest, mediaType }: Descriptor, tag: string = digest): Promise<void> {
  const body = new Uint8Array(readBlob(directory, digest))
  await request(`${to.origin}/v2/${to.name}/manifests/${tag}`, {
    method: 'PUT',
    headers: { ...to.headers, 'content-type': mediaType },
    body,
  })
}

async function request(url: URL | string, init: RequestInit): Promise<Response> {
  const answer = await fetch(url, init)
  if (!answer.ok) throw new Error(`pushing: ${init.method} ${url}: ${answer.status} ${await answer.text()}`)
  await answer.arrayBuffer()
  return answer
}

function readBlob(directory: string, digest: Digest): Buffer {
  return readFileSync(join(directory, 'blobs/sha256', digestHex(digest)))
}
