import { resolve } from 'node:path'
import type { ContainerRecord, Store } from '@gocker/store'
import { PullError } from '../error.ts'
import { openTarball } from '../import/tarball.ts'
import { feedThread } from '../layers/feed-thread.ts'
import { type LayerThread, startLayerThread } from '../layers/layer-thread.ts'
import { threadArchive } from '../layers/thread-archive.ts'
import type { LayerTaskResult } from '../layers/thread-task.ts'
import { type ArchiveSink, packedBy } from '../pack/pack-in-thread.ts'
import { byteText } from '../tar-reader/tar-entry.ts'
import { type ContainerPlace, placeOf } from './container-place.ts'
import type { Ownership } from './placed-files.ts'

export interface ContainerFilesOptions {
  readonly store: Store
  /** Id, name, or the beginning of an id. */
  readonly container: string
  readonly signal?: AbortSignal | undefined
}

export interface CopyOptions extends ContainerFilesOptions {
  /** In the container; counted from its root where it is relative. `/.` at its end means what is in the directory. */
  readonly path: string
  /** Files keep their owners; they are root's in the container, and this process's user's on the host, otherwise. */
  readonly keepOwners?: boolean
  /** Copies what a symlink leads to where the source is one. */
  readonly follow?: boolean
}

export interface CopyFromOptions extends CopyOptions {
  /** A path of the host; or takes the files as a tar, their owners as they are. */
  readonly destination: string | ArchiveSink
}

export interface CopyToOptions extends CopyOptions {
  /** A path of the host; or a tar, compressed or not, that goes into a directory as it is, owners and all. */
  readonly source: string | AsyncIterable<Uint8Array>
}

/** What was copied, as the tar that it travelled as. */
export interface CopiedFiles {
  /** Bytes. */
  readonly size: number
  readonly entries: number
}

/**
 * Copies a file or a directory out of a container, running or not, as `docker cp` does. Nothing outside of the container is read and nothing
 * outside of the destination written, whatever the container does to its files meanwhile.
 * @throws {PullError} `NO_SUCH_FILE`, `NOT_A_DIRECTORY`, `CANNOT_OVERWRITE`, `FILE_CHANGED`, `NOT_PERMITTED`, `NO_SPACE`, ...; {StoreError} `NOT_FOUND`
 * @see https://docs.docker.com/reference/cli/docker/container/cp/
 */
export async function copyFromContainer({ path, destination, follow = false, ...options }: CopyFromOptions): Promise<CopiedFiles> {
  return await withFilesOf({ ...options, doing: 'copying from' }, async (place) => {
    const from = startLayerThread({ kind: 'copy-from', place, path: inContainer(path), follow, alone: false })
    if (typeof destination !== 'string') return await packedBy(from, options.signal, destination)
    const owner = options.keepOwners === true ? undefined : ownOwner()
    const to = startLayerThread({ kind: 'copy-to', place: 'host', path: onHost(destination), isArchive: false, owner })
    return await transfer(from, to, options.signal)
  })
}

/**
 * Copies a file or a directory into a container, running or not, as `docker cp` does. Nothing outside of the container is written.
 * @throws {PullError} as {@link copyFromContainer}, and `BAD_ARCHIVE`; {StoreError} `NOT_FOUND`
 */
export async function copyToContainer({ path, source, follow = false, ...options }: CopyToOptions): Promise<CopiedFiles> {
  return await withFilesOf({ ...options, doing: 'copying to' }, async (place) => {
    const isArchive = typeof source !== 'string'
    const owner = isArchive || options.keepOwners === true ? undefined : ROOT
    const to = startLayerThread({ kind: 'copy-to', place, path: inContainer(path), isArchive, owner })
    if (isArchive) return await fedTo(to, source, options.signal)
    const from = startLayerThread({ kind: 'copy-from', place: 'host', path: onHost(source), follow, alone: false })
    return await transfer(from, to, options.signal)
  })
}

/**
 * Makes a flat tar of a container's own file system, without what is mounted in it.
 * @throws {PullError} `FILE_CHANGED`, `READ_FAILED`, `NOT_PERMITTED`; {StoreError} `NOT_FOUND`
 */
export async function exportContainer(options: ContainerFilesOptions, sink: ArchiveSink): Promise<CopiedFiles> {
  return await withFilesOf({ ...options, doing: 'exporting' }, async (place) => {
    const from = startLayerThread({ kind: 'copy-from', place, path: '/', follow: false, alone: true })
    return await packedBy(from, options.signal, sink)
  })
}

const ROOT: Ownership = { uid: 0, gid: 0 }

function ownOwner(): Ownership {
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }
}

function inContainer(path: string): string {
  return byteText(path.startsWith('/') ? path : `/${path}`)
}

/** Absolute; what stands at its end stays, for it means something. */
function onHost(path: string): string {
  const end = /(?:^|\/)\.\/*$/.test(path) ? '/.' : path.endsWith('/') ? '/' : ''
  return byteText(`${resolve(path)}${end}`)
}

interface WorkOptions extends ContainerFilesOptions {
  /** For messages. */
  readonly doing: string
}

async function withFilesOf<T>({ doing, ...options }: WorkOptions, work: (place: ContainerPlace) => Promise<T>): Promise<T> {
  options.signal?.throwIfAborted()
  const record = await options.store.containers.get(options.container)
  try {
    return await whereItIs(record, options, work)
  } catch (cause) {
    if (!(cause instanceof PullError)) throw cause
    const { code, message } = cause
    // What a store's files need is no advice here.
    const hint = code === 'FILE_CHANGED' ? cause.hint : undefined
    throw new PullError(code, `${doing} container ${record.name}: ${message}`, { cause, hint })
  }
}

/** A stopped container's files are mounted for the work: it must not be started meanwhile, nor copied by somebody else. */
async function whereItIs<T>(
  record: ContainerRecord,
  options: ContainerFilesOptions,
  work: (place: ContainerPlace) => Promise<T>,
): Promise<T> {
  const { store, signal } = options
  const place = await placeOf(store, record)
  if (place.kind === 'running') return await work(place)
  const done = await store.containers.hold(record.id, () => unlessStarted(store, record, work), { signal })
  return done === undefined ? await whereItIs(record, options, work) : done.result
}

async function unlessStarted<T>(
  store: Store,
  record: ContainerRecord,
  work: (place: ContainerPlace) => Promise<T>,
): Promise<{ readonly result: T } | undefined> {
  const place = await placeOf(store, record)
  return place.kind === 'running' ? undefined : { result: await work(place) }
}

async function transfer(from: LayerThread, to: LayerThread, signal: AbortSignal | undefined): Promise<LayerTaskResult> {
  try {
    await feedThread(to, { source: threadArchive(from), compression: 'none', signal })
    await from.result
    return await to.result
  } finally {
    await Promise.all([from.stop(), to.stop()])
  }
}

async function fedTo(to: LayerThread, source: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<LayerTaskResult> {
  try {
    const { content, compression } = await openTarball(source)
    await feedThread(to, { source: content, compression, signal })
    return await to.result
  } finally {
    await to.stop()
  }
}
