import type { Descriptor, Digest } from '@gocker/oci'
import type { FetchedManifest } from '../registry/manifest.ts'
import type { Place } from './place.ts'

/** A place that is copied from. */
export interface CopySource {
  readonly place: Place
  /** What the place names: a manifest or an index. */
  root(): Promise<FetchedManifest>
  document(descriptor: Descriptor): Promise<FetchedManifest>
  /** A blob's bytes; whoever receives them verifies them. */
  open(blob: Descriptor, options: { readonly offset: number; readonly signal: AbortSignal | undefined }): AsyncIterable<Uint8Array>
  /** Manifests whose subject is `digest`. */
  referrers(digest: Digest): Promise<readonly Descriptor[]>
  /** What another tag of the same repository names. */
  tagged(tag: string): Promise<FetchedManifest | undefined>
}

export type OpenBytes = (offset: number) => AsyncIterable<Uint8Array>

/** A place that is copied to. Nothing is seen of it there before its root has been kept. */
export interface CopyDestination {
  /** Whether it keeps what refers to an image, too. */
  readonly keepsReferrers: boolean
  has(blob: Descriptor, signal: AbortSignal): Promise<boolean>
  /** Takes a blob over from where it is beside. @returns the name of that, where it did */
  mount(blob: Descriptor, signal: AbortSignal): Promise<string | undefined>
  receive(blob: Descriptor, open: OpenBytes, signal: AbortSignal): Promise<void>
  /** Keeps a manifest whose content is there by now. */
  keep(document: FetchedManifest, as: KeptAs): Promise<void>
  /** Called when all is there. */
  finish(): Promise<void>
}

export type KeptAs =
  | { readonly role: 'root' }
  | { readonly role: 'part' }
  | { readonly role: 'tagged'; readonly tag: string }
  | { readonly role: 'referrer'; readonly subject: Digest }
