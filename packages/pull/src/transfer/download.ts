import type { Descriptor } from '@gocker/oci'
import { PullError } from '../error.ts'
import { networkError } from '../registry/network-error.ts'
import type { Registry } from '../registry/registry.ts'
import { Retries, type RetryOptions } from './retries.ts'

export interface DownloadOptions extends Omit<RetryOptions, 'digest'> {
  /** Where to begin; what is before it is there already. */
  readonly offset?: number
}

/** So many cuts in a row on mirrors' bodies, and the registry itself is asked. */
const FAILURES_BEFORE_ORIGIN = 2

/**
 * The bytes of a blob from `offset` on, in the socket's own buffers, across cut connections: exactly as many as its
 * descriptor says. Whether they are the right ones is for the reader to verify.
 * @throws {PullError} `SIZE_MISMATCH`, and what is left when trying again did not help
 */
export async function* downloadBlob(
  registry: Registry,
  descriptor: Pick<Descriptor, 'digest' | 'size'>,
  { offset = 0, ...options }: DownloadOptions = {},
): AsyncGenerator<Buffer, void, undefined> {
  const retries = new Retries({ ...options, digest: descriptor.digest })
  let position = offset
  while (position < descriptor.size) {
    try {
      const withoutMirrors = retries.failures >= FAILURES_BEFORE_ORIGIN
      for await (const chunk of readFrom(registry, descriptor, { position, withoutMirrors, signal: options.signal })) {
        position += chunk.length
        retries.progressed()
        yield chunk
      }
    } catch (error) {
      if (position < descriptor.size || !isTransient(error)) await retries.pauseAfter(error)
    }
  }
}

interface ReadOptions {
  readonly position: number
  readonly withoutMirrors: boolean
  readonly signal: AbortSignal | undefined
}

/** One connection's worth of bytes, from `position` to the end or the cut. */
async function* readFrom(
  registry: Registry,
  descriptor: Pick<Descriptor, 'digest' | 'size'>,
  { position, withoutMirrors, signal }: ReadOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const { digest, size } = descriptor
  const what = `fetching blob ${digest}`
  const { body, offset } = await registry.blob(descriptor, { offset: position, withoutMirrors, signal })
  let at = offset
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      const from = at
      at += chunk.length
      if (at > size) throw new PullError('SIZE_MISMATCH', `${what}: expected ${size} bytes, the server sends more`)
      if (at > position) yield from < position ? chunk.subarray(position - from) : chunk
    }
  } catch (cause) {
    signal?.throwIfAborted()
    throw networkError(what, cause, { contacted: true })
  }
  if (at < size) throw new PullError('SIZE_MISMATCH', `${what}: expected ${size} bytes, got ${at}`, { transient: true })
}

function isTransient(error: unknown): boolean {
  return error instanceof PullError && error.transient
}
