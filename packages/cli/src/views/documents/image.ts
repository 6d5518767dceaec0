import { type ContainerConfig, familiarReference, parseReference } from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'
import { dictionary } from '../../format/values.ts'

/**
 * An image as docker describes one, and its manifest and history besides.
 * @see https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Image/operation/ImageInspect
 */
export function imageDocument(store: Store, image: StoredImage) {
  const { id, descriptor, references, repoDigests, manifest, config, size, created = '', layers } = image
  return {
    Id: id,
    RepoTags: references.map((name) => familiarReference(parseReference(name))),
    RepoDigests: repoDigests.map(familiarDigest),
    Parent: '',
    Comment: config.history?.at(-1)?.comment ?? '',
    Created: created,
    DockerVersion: '',
    Author: config.author ?? '',
    Architecture: config.architecture,
    ...(config.variant !== undefined && { Variant: config.variant }),
    Os: config.os,
    Size: size,
    GraphDriver: { Data: { LowerDir: store.layers.stack(layers).join(':') }, Name: 'overlay2' },
    RootFS: { Type: 'layers', Layers: layers },
    Metadata: { LastTagTime: '0001-01-01T00:00:00Z' },
    Config: configDocument(config.config ?? {}),
    History: config.history ?? [],
    Descriptor: descriptor,
    Manifest: manifest,
  }
}

function familiarDigest(name: string): string {
  const [repository = '', digest] = name.split('@')
  return `${familiarReference(parseReference(repository)).replace(/:latest$/, '')}@${digest}`
}

/** Labels, ports and volumes are named by whoever made the image. */
function configDocument(config: ContainerConfig) {
  return {
    ...config,
    ...(config.Labels != null && { Labels: dictionary(config.Labels) }),
    ...(config.ExposedPorts !== undefined && { ExposedPorts: dictionary(config.ExposedPorts) }),
    ...(config.Volumes != null && { Volumes: dictionary(config.Volumes) }),
  }
}
