import type { Digest } from '@gocker/oci'
import type { StoredImage } from './stored-image.ts'

/** `container.json`, and where it lies. */
export interface ContainerRecord {
  /** 64 hex digits. */
  readonly id: string
  readonly name: string
  /** The bundle's directory. */
  readonly dir: string
  /** ISO 8601. */
  readonly created: string
  readonly image?: ContainerImage
  /** Whether it goes when its process ends. */
  readonly remove: boolean
  readonly labels: Readonly<Record<string, string>>
  /** What the container was asked to be; JSON, not read by the store. */
  readonly options: Readonly<Record<string, unknown>>
}

/** What a container keeps from the garbage collection. */
export interface ContainerImage {
  /** As the user wrote it. */
  readonly name: string
  readonly id: Digest
  readonly manifest: Digest
  readonly layers: readonly Digest[]
}

export interface CreateContainerOptions {
  /** Made up when not given. */
  readonly name?: string
  readonly image?: StoredImage
  /** As the user wrote it; the image's first name, else its id, when not given. */
  readonly imageName?: string
  readonly remove?: boolean
  readonly labels?: Readonly<Record<string, string>>
  readonly options?: Readonly<Record<string, unknown>>
}
