import { parseReference, type Reference } from '@gocker/oci'
import { PullError } from '../error.ts'

/** Where an image is, or is to be. */
export type Place =
  | { readonly kind: 'registry'; readonly name: string; readonly reference: Reference }
  | { readonly kind: 'layout'; readonly name: string; readonly path: string; readonly tag: string | undefined }
  | { readonly kind: ArchiveKind; readonly name: string; readonly path: string; readonly tag: string | undefined }
  | { readonly kind: 'store'; readonly name: string }

export type ArchiveKind = 'oci-archive' | 'docker-archive'

const OTHERS = ['dir', 'docker-daemon', 'containers-storage', 'ostree', 'sif', 'tarball', 'atomic']

/**
 * Reads a place as skopeo words it: `docker://NAME`, `oci:DIRECTORY[:TAG]`, `oci-archive:FILE[:TAG]`, `docker-archive:FILE[:NAME]`; any
 * other word is the name of an image in the store.
 * @throws {PullError} `INVALID_OPTION`; {OciError} `INVALID_REFERENCE`
 * @see https://github.com/containers/image/blob/main/docs/containers-transports.5.md
 */
export function parsePlace(text: string): Place {
  const [, transport = '', rest = ''] = /^([a-z-]+):(.*)$/s.exec(text) ?? []
  if (transport === 'docker' && rest.startsWith('//')) return { kind: 'registry', name: text, reference: parseReference(rest.slice(2)) }
  if (transport === 'oci') return { kind: 'layout', name: text, ...pathAndTag(rest, text) }
  if (transport === 'oci-archive' || transport === 'docker-archive') return { kind: transport, name: text, ...pathAndTag(rest, text) }
  if (!OTHERS.includes(transport)) return { kind: 'store', name: text }
  throw new PullError('INVALID_OPTION', `reading ${text}: ${transport}: is not a place that gocker copies from or to`, {
    hint: 'there are docker://NAME, oci:DIRECTORY[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME], and names of images here',
  })
}

function pathAndTag(text: string, whole: string): { path: string; tag: string | undefined } {
  const colon = text.indexOf(':')
  const path = colon < 0 ? text : text.slice(0, colon)
  if (path === '') throw new PullError('INVALID_OPTION', `reading ${whole}: no path`)
  return { path, tag: colon < 0 || colon === text.length - 1 ? undefined : text.slice(colon + 1) }
}
