import { type Digest, formatReference, parseReference, type Reference } from '@gocker/oci'
import type { StoredImage } from '@gocker/store'

/** Repositories by the digest of a layer that they likely have. */
export type MountSources = ReadonlyMap<Digest, readonly string[]>

/** More are not worth asking for. */
const MOST = 3

/**
 * The other repositories of a registry that images here have come from or gone to, by the layers that they have in common with
 * the image that leaves.
 */
export function mountSourcesOf(images: readonly StoredImage[], { registry, repository }: Reference): MountSources {
  const sources = new Map<Digest, string[]>()
  for (const { repoDigests, manifest } of images) {
    const repositories = repoDigests.map((name) => parseReference(name)).filter((name) => isOther(name, { registry, repository }))
    for (const { digest } of manifest.layers) {
      const known = sources.get(digest) ?? []
      sources.set(digest, [...new Set([...known, ...repositories.map((name) => name.repository)])].slice(0, MOST))
    }
  }
  return sources
}

function isOther(name: Reference, { registry, repository }: Pick<Reference, 'registry' | 'repository'>): boolean {
  return name.registry === registry && name.repository !== repository
}

/** `docker.io/library/debian@sha256:...` */
export function repoDigestOf({ registry, repository }: Reference, digest: Digest): string {
  return formatReference({ registry, repository, digest })
}
