import type { Descriptor } from '@gocker/oci'
import type { ImageRemoval, RemoveImageOptions } from './image-removal.ts'
import type { StoredImage } from './stored-image.ts'

export interface TagOptions {
  /** `docker.io/library/debian@sha256:...`: what a registry called it. */
  readonly repoDigest?: string
}

/** The images of `index.json`. A name is one entry; an image that lost its last name keeps a nameless one (dangling). */
export interface Images {
  /** All images, newest first. Reads every manifest and config. */
  list(): Promise<StoredImage[]>
  /**
   * Finds one by familiar or canonical name, name@digest, or full or abbreviated id. Reads index.json, one manifest and one config.
   * @throws {StoreError} `AMBIGUOUS_ID`, `CORRUPT`
   */
  find(nameOrId: string): Promise<StoredImage | undefined>
  /** @throws {StoreError} as find, and `NOT_FOUND` */
  get(nameOrId: string): Promise<StoredImage>
  /**
   * Gives a manifest, whose blob and config are here already, a name; the image that had the name keeps a nameless entry.
   * @throws {StoreError} `NOT_FOUND` when the manifest or its config is not here, `CORRUPT`
   * @throws {OciError} `INVALID_REFERENCE`
   */
  tag(reference: string, descriptor: Descriptor, options?: TagOptions): Promise<StoredImage>
  /** Keeps an image without a name, as a build without `-t` makes it. */
  add(descriptor: Descriptor): Promise<StoredImage>
  /** Takes a name away; the image stays, nameless when it was its last. @throws {StoreError} `NOT_FOUND` */
  untag(reference: string): Promise<void>
  /**
   * Removes as `docker rmi` does: a name is taken away; with the last one (or by id) goes the image, and what no other uses.
   * @throws {StoreError} `NOT_FOUND`; `IN_USE` when a container uses it, or an id has names in several repositories, unless forced
   */
  remove(nameOrId: string, options?: RemoveImageOptions): Promise<ImageRemoval>
}
