import type { Descriptor, Digest } from '@gocker/oci'
import type { Store } from '@gocker/store'
import { PullError } from '../error.ts'
import type { FetchedManifest } from '../registry/manifest.ts'
import { referrersTag } from '../registry/referrers.ts'
import type { Registry } from '../registry/registry.ts'
import { fetchSmallBlob } from '../transfer/small-blob.ts'

/** A signature of cosign's, of which nothing has been checked. */
export type FoundSignature =
  | { readonly kind: 'bundle'; readonly bytes: Buffer }
  | { readonly kind: 'simple'; readonly bytes: Buffer; readonly signature: string | undefined }
  | { readonly kind: 'unreadable'; readonly why: string }

const BUNDLE = /^application\/vnd\.dev\.sigstore\.bundle(?:\.v\d\.\d\+json|\+json;version=\d\.\d)$/
const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json'
const SIGNATURE = 'dev.cosignproject.cosign/signature'
/** What cosign calls a manifest of simple signatures that is a referrer. */
const SIMPLE_ARTIFACT = 'application/vnd.dev.cosign.artifact.sig.v1+json'
/** More are not looked at: a repository may be full of strangers'. */
const MOST_SIGNATURES = 100

interface Image {
  readonly digest: Digest
  readonly store: Store
}

/** The signatures of an image: those that are its referrers, and those under the tag that its digest makes. */
export async function findSignatures(registry: Registry, image: Image): Promise<FoundSignature[]> {
  const layers: (Descriptor | FoundSignature)[] = []
  for (const { digest, artifactType = '' } of await registry.referrers(image.digest))
    if ((BUNDLE.test(artifactType) || artifactType === SIMPLE_ARTIFACT) && layers.length < MOST_SIGNATURES)
      layers.push(...(await readable(async () => layersOf(await registry.manifest(digest)))))
  layers.push(...layersOf(await registry.tagged(`${referrersTag(image.digest)}.sig`)))
  const found: FoundSignature[] = []
  for (const layer of layers.slice(0, MOST_SIGNATURES))
    found.push(...('kind' in layer ? [layer] : await readable(async () => [await signatureIn(registry, layer, image)])))
  return found
}

function layersOf(found: FetchedManifest | undefined): Descriptor[] {
  if (found?.content.kind !== 'manifest') return []
  return found.content.manifest.layers.filter(({ mediaType }) => mediaType === SIMPLE_SIGNING || BUNDLE.test(mediaType))
}

async function signatureIn(registry: Registry, layer: Descriptor, { store }: Image): Promise<FoundSignature> {
  const bytes = await fetchSmallBlob(registry, layer, { store })
  if (layer.mediaType !== SIMPLE_SIGNING) return { kind: 'bundle', bytes }
  return { kind: 'simple', bytes, signature: layer.annotations?.[SIGNATURE] }
}

/** What a stranger has broken must not hide what is whole. */
async function readable<T>(read: () => Promise<T[]>): Promise<(T | FoundSignature)[]> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof PullError) || error.transient) throw error
    return [{ kind: 'unreadable', why: error.message }]
  }
}
